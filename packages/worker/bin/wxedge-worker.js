#!/usr/bin/env node
import { main } from '../src/command.js';

await main(process.argv.slice(2));
