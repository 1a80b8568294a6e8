// Makes the folder: the template, with the name, the mini program and the README that were chosen.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Something that the person can mend: its message is all that is shown. */
export class Failure extends Error {}

/** The mini programs that may come with it, the usual answer first. */
export const templates = ['none', 'native', 'uni-app'];
/** The languages of the README. */
export const languages = ['en', 'zh'];

const template = fileURLToPath(new URL('../template', import.meta.url));
/** The mini programs, from the examples of wxedge. */
const miniPrograms = fileURLToPath(new URL('../dist/miniprograms', import.meta.url));
/** Names that npm leaves out of packages. */
const dotfiles = { _gitignore: '.gitignore' };

/** @param {{ folder: string, template: string, language: string }} answers `folder` is a whole path */
export async function create({ folder, template: miniProgram, language }) {
  if (!templates.includes(miniProgram)) throw new Failure(`--template is one of ${templates.join(', ')}.`);
  if (!languages.includes(language)) throw new Failure(`--language is one of ${languages.join(', ')}.`);
  const name = path.basename(folder);
  if (!/^[a-z0-9][a-z0-9-]{0,53}$/.test(name)) throw new Failure(`"${name}" is no name: small letters, digits and hyphens, at most 54.`);
  if (!(await isEmpty(folder))) throw new Failure(`${folder} is not empty.`);
  await mkdir(folder, { recursive: true });
  await cp(template, folder, { recursive: true });
  for (const [from, to] of Object.entries(dotfiles)) await rename(path.join(folder, from), path.join(folder, to));
  await keepReadme(folder, language);
  for (const file of ['package.json', 'wrangler.jsonc'])
    await rewrite(path.join(folder, file), (text) => text.replace('"name": "shop"', `"name": "${name}"`));
  if (miniProgram !== 'none') await cp(path.join(miniPrograms, miniProgram), path.join(folder, 'miniprogram'), { recursive: true });
}

async function isEmpty(folder) {
  const names = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw new Failure(`${folder} cannot be used (${error.code}).`);
  });
  return names.every((name) => name === '.git');
}

async function keepReadme(folder, language) {
  const chinese = path.join(folder, 'README.zh-CN.md');
  if (language === 'zh') await rename(chinese, path.join(folder, 'README.md'));
  else await rm(chinese);
}

const rewrite = async (file, change) => writeFile(file, change(await readFile(file, 'utf8')));
