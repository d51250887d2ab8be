#!/usr/bin/env node
import { runProgram } from './program.js';

const interrupt = new AbortController();
let asked = false;
process.on('SIGINT', () => {
  if (asked) process.exit(130);
  asked = true;
  process.stderr.write('\n  stopping after this step (Ctrl-C again to stop at once) …\n');
  interrupt.abort();
});

process.exitCode = await runProgram(
  process.argv.slice(2),
  { out: process.stdout, err: process.stderr },
  interrupt.signal,
);
