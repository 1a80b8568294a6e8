// npm run bench: the figures, side by side in one run. What follows -- goes to each part, such as --quick.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { buildWorker } from './build.mjs';
import { run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { root } from './worker.mjs';

const parts = {
  workers: 'The Worker beside a Hono Worker that does the same',
  'token-storm': 'A storm on the token, beside the naive code of the field',
  decrypt: 'Decrypting user data, beside WebCrypto and a Node SDK',
};

export async function bench(args) {
  await buildWorker(await installToolchain());
  // The figures of a full run are kept with the project, for the README; those of a quick one are not.
  const directory = args.includes('--quick') ? path.join(root, 'build', 'bench') : path.join(root, 'docs', 'bench');
  await mkdir(directory, { recursive: true });
  for (const [part, title] of Object.entries(parts)) {
    const file = path.join(root, 'tests', 'bench', `${part}.ts`);
    const results = path.join(directory, `${part}.json`);
    await step(title, () => run(process.execPath, [file, ...args, '--json', results], { cwd: root }));
  }
}
