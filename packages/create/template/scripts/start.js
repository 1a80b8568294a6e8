// npm start: the Worker by wrangler dev, with the sandbox as its WeChat. It starts anew when a file changes.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { apiKey, sandboxWithSettings } from './sandbox.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8787' }, 'sandbox-port': { type: 'string', default: '8788' } },
});
const url = `http://127.0.0.1:${values.port}`;
const { sandbox, settings } = await sandboxWithSettings(Number(values['sandbox-port']));
const wrangler = path.join(path.dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js');
const vars = Object.entries(settings).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
const args = [wrangler, 'dev', '--port', values.port, '--ip', '127.0.0.1', '--show-interactive-dev-session=false', ...vars];
const dev = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => dev.kill(signal));
dev.once('exit', async (code) => {
  await sandbox.close();
  process.exit(code ?? 1);
});

for (;;) {
  const isReady = await fetch(`${url}/v1/health`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isReady) break;
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
}
console.log(`
wxedge is ready at ${url}, and its WeChat is the sandbox at ${sandbox.url}/sandbox. Paste into another terminal:

${process.platform === 'win32' ? powershell() : shell()}

Ctrl-C stops everything.
`);

function shell() {
  const code = `$(curl -s -X POST '${sandbox.url}/sandbox/login-codes?user=alice&format=text')`;
  return `  # log in as a sandbox user, and call a route of your own with the token
  TOKEN=$(curl -s ${url}/v1/login -H "Content-Type: application/json" -d "{\\"code\\":\\"${code}\\"}" | node -p "JSON.parse(fs.readFileSync(0)).token")
  curl -s ${url}/api/me -H "Authorization: Bearer $TOKEN"

  # save a code image
  curl -s ${url}/v1/wxacode/unlimited -H "Content-Type: application/json" -H "Authorization: Bearer ${apiKey}" -d '{"scene":"id=42","page":"pages/index/index"}' -o code.jpg`;
}

function powershell() {
  const code = `@{code=(irm -Method Post "${sandbox.url}/sandbox/login-codes?user=alice&format=text")} | ConvertTo-Json`;
  return `  # log in as a sandbox user, and call a route of your own with the token
  $token = (irm ${url}/v1/login -Method Post -ContentType application/json -Body (${code})).token
  irm ${url}/api/me -Headers @{Authorization="Bearer $token"}

  # save a code image
  irm ${url}/v1/wxacode/unlimited -Method Post -ContentType application/json -Headers @{Authorization="Bearer ${apiKey}"} -Body '{"scene":"id=42","page":"pages/index/index"}' -OutFile code.jpg`;
}
