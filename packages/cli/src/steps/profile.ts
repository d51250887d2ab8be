import { type Backend, formatProfile, Profiler, profiled } from '@heddle/core';
import type { CommandResult } from '../command.js';

/** The backend to work on, and what ends the command's result: with `--profile`, where the time went. */
export function profilingOf(
  opened: Backend,
  asked: boolean,
): { backend: Backend; withProfile(result: CommandResult): CommandResult } {
  if (!asked) return { backend: opened, withProfile: (result) => result };
  const profiler = new Profiler({ maxEvents: 0 });
  return {
    backend: profiled(opened, profiler),
    withProfile: ({ text, json }) => ({
      text: `${text.trimEnd()}\n\n${formatProfile(profiler)}`,
      json: { ...json, profile: profiler.rows().map((row) => ({ ...row })) },
    }),
  };
}
