// A project of a user's, with wxedge installed, below the tools of the tests so that it finds them as its own.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { installPackageTools } from '../../scripts/package-tools.mjs';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));

export class Project {
  readonly folder: string;
  #tools: string;

  constructor(folder: string, tools: string) {
    this.folder = folder;
    this.#tools = tools;
  }

  /** Runs a script of one of the tools, or one of elsewhere, with Node, and gives what it printed. */
  async run(script: string, args: string[], env: Record<string, string> = {}): Promise<string> {
    const command = [resolve(this.#tools, 'node_modules', script), ...args];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, {
      cwd: this.folder,
      env: { ...process.env, ...env },
      timeout: 100_000,
    });
    return stdout + stderr;
  }
}

/** A copy of an example, removed after the tests of the file. */
export async function projectOf(example: string, tools: 'tools' | 'taro-tools' = 'tools'): Promise<Project> {
  const project = await emptyProject(example, tools);
  const isSource = (path: string) => !/[\\/](node_modules|dist|miniprogram_npm)$/.test(path);
  await cp(join(EXAMPLES, example), project.folder, { recursive: true, filter: isSource });
  return project;
}

/** A project without a file, removed after the tests of the file. */
export async function emptyProject(name: string, tools: 'tools' | 'taro-tools' = 'tools'): Promise<Project> {
  const home = await installPackageTools(tools);
  const projects = join(home, 'projects');
  await mkdir(projects, { recursive: true });
  const folder = await mkdtemp(join(projects, `${name}-`));
  after(() => rm(folder, { recursive: true, force: true }));
  await installWxedge(join(folder, 'node_modules', 'wxedge'));
  return new Project(folder, home);
}

/** What `npm install` leaves of wxedge: the files that the package names. */
export async function installWxedge(folder: string): Promise<void> {
  const { files } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as { files: string[] };
  for (const file of [...files, 'package.json']) await cp(join(PACKAGE, file), join(folder, file), { recursive: true });
}
