// The pages of an app.json or pages.json: texts, or objects with a path, and those of subpackages below their root.

import { listOf, read } from './foreign.js';

/** The paths of all pages, without slashes at their ends. */
export function pagesOf(app) {
  const subpackages = listOf(read(app, 'subPackages')).concat(listOf(read(app, 'subpackages')));
  return subpackages.reduce((pages, subpackage) => pages.concat(pathsOf(subpackage, `${read(subpackage, 'root')}/`)), pathsOf(app, ''));
}

function pathsOf(owner, root) {
  return listOf(read(owner, 'pages')).map((page) => {
    const path = typeof page === 'string' ? page : read(page, 'path');
    return `${root}${path}`.split('/').filter(Boolean).join('/');
  });
}
