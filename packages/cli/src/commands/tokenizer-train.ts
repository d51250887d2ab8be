import type { CommandContext, CommandResult } from '../command.js';
import { runFolder } from '../steps/folder.js';
import { encodeCorpus, learnTokenizer } from '../steps/tokenizer.js';

/** Trains the tokenizer on the run's corpus and encodes the corpus with it. */
export async function tokenizerTrain(context: CommandContext): Promise<CommandResult> {
  const folder = runFolder(context.config.run);
  const tokenizer = await learnTokenizer(context, folder);
  const splits = await encodeCorpus(context, folder, tokenizer);
  return {
    text: `Wrote ${folder.tokenizer} (${tokenizer.vocabSize} entries) and ${folder.tokens}. Next: heddle pretrain`,
    json: {
      tokenizer: folder.tokenizer,
      vocabSize: tokenizer.vocabSize,
      splits: splits.map((split) => ({ ...split })),
    },
  };
}
