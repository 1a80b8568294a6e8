// The sandbox's command. Plain JavaScript, so that an old Node says what it needs instead of failing on the first file.
if (process.features.typescript) {
  await import('./src/command.ts');
} else {
  console.error(`the sandbox needs Node 22.18 or later, which runs TypeScript as it is; this is ${process.version}`);
  process.exitCode = 1;
}
