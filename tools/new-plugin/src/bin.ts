#!/usr/bin/env node
import { runCreate } from './run-create.js';

process.exitCode = await runCreate(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
});
