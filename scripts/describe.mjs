// Writes what is made from the tables of the Worker.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { run } from './steps.mjs';
import { root } from './worker.mjs';

/**
 * Writes the Worker's table of routes as JSON, for tests/routes.
 *
 * @param {string} checkout where the sources are: a copy uses what is compiled here
 * @returns {Promise<string>} the file
 */
export async function describeRoutes(checkout = root) {
  const args = ['run', '--quiet', '--locked', '--package', 'wxedge-describe'];
  if (checkout !== root) args.push('--target-dir', path.join(root, 'target'));
  const rows = await run('cargo', [...args, '--', 'routes'], { cwd: checkout, quiet: true });
  const file = path.join(checkout, 'build', 'routes.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, rows);
  return file;
}
