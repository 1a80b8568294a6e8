// The types of a client, made from the document that a Worker serves, and the compiler that holds programs to them.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

import { installClientTools } from '../../scripts/package-tools.mjs';

const run = promisify(execFile);

export type TypescriptClient = {
  /** Where programs lie, beside the types. */
  directory: string;
  /** Writes a program, and fails where it does not fit the types. */
  compile(name: string, text: string): Promise<void>;
  remove(): Promise<void>;
};

/** By openapi-typescript, as the file `types`. Programs may import openapi-fetch. */
export async function makeTypescriptClient(baseUrl: string, types: string): Promise<TypescriptClient> {
  const tools = path.join(await installClientTools(), 'node_modules');
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-client-'));
  await symlink(tools, path.join(directory, 'node_modules'), 'junction');
  await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  const bin = path.join(tools, 'openapi-typescript', 'bin', 'cli.js');
  const args = [`${baseUrl}/openapi.json`, '--output', types, '--default-non-nullable=false'];
  await run(process.execPath, [bin, ...args], { cwd: directory });
  const ofNode = fileURLToPath(new URL('../../node_modules/@types', import.meta.url));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--types', 'node', '--typeRoots', ofNode];
  const target = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
  return {
    directory,
    async compile(name, text) {
      await writeFile(path.join(directory, name), text);
      await run(process.execPath, [path.join(tools, 'typescript', 'bin', 'tsc'), ...options, ...target, name], { cwd: directory });
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
