import { createPlugin, describeCreated } from '@heddle/create-plugin';
import type { CommandContext, CommandResult } from '../command.js';

/** Begins a package with a part of this kind. */
export async function create(
  _: CommandContext,
  kind: string,
  name: string,
  { folder }: { readonly folder?: string },
): Promise<CommandResult> {
  const created = await createPlugin({ kind, name, ...(folder !== undefined && { folder }) });
  return { text: describeCreated(created, process.cwd()), json: { ...created } };
}
