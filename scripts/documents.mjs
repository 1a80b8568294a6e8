// What crates/describe makes from the tables of the Worker and of WeChat's calls.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './steps.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Writes the files that are tracked: the document of the API, types, tables, the rows of the sandbox. */
export const writeDocuments = () => describe('write');

/** Fails where one of them is not as it would be written. */
export const checkDocuments = () => describe('check');

/** Writes what each error means, a file for each code, beside the document that the Worker serves. */
export const writeErrors = () => describe('errors', path.join(root, 'worker', 'assets', 'errors'));

const describe = (...args) => run('cargo', ['run', '--quiet', '--locked', '--package', 'wxedge-describe', '--', ...args], { cwd: root });
