// Finds a browser of the Chromium family for the tests, and installs Debian's where that is possible.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

import { installDebian } from './debian.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];

const MAC_APPS = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS_APPS = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];

/** The path of a browser. `CHROMIUM_BIN` names one by hand. */
export async function findChromium() {
  const found = places().find((path) => existsSync(path));
  if (found) return found;
  const isFree = process.env.CHROMIUM_BIN === undefined;
  if (isFree && installDebian('chromium') && places().some((path) => existsSync(path))) return findChromium();
  throw new Error('the browser tests need Chromium, Chrome or Edge: install one, or name it with CHROMIUM_BIN');
}

function places() {
  if (process.env.CHROMIUM_BIN) return [process.env.CHROMIUM_BIN];
  const { env } = process;
  switch (process.platform) {
    case 'darwin':
      return ['/Applications', join(env.HOME ?? '', 'Applications')].flatMap((folder) => MAC_APPS.map((app) => join(folder, app)));
    case 'win32':
      return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
        .filter((folder) => folder !== undefined)
        .flatMap((folder) => WINDOWS_APPS.map((app) => join(folder, app)));
    default:
      return (env.PATH ?? '').split(delimiter).flatMap((folder) => COMMANDS.map((command) => join(folder, command)));
  }
}
