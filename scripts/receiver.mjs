// The receiver of npm start: it takes every event and prints it. docs/events.md has receivers to begin with.
import { createServer } from 'node:http';

/**
 * Starts it on a free port.
 *
 * @param {(line: string) => void} log gets a line for each event
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startReceiver(log) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { type, data } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    log(`event ${type} ${JSON.stringify(data)}`);
    response.writeHead(204).end();
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
