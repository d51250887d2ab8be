import type { PostProcessor } from '../parts.js';
import { type TrimOptions, trimmer } from './byte-level.js';

/** A token by its content and id. */
export interface NamedToken {
  readonly content: string;
  readonly id: number;
}

/** `[CLS] first [SEP]`, `[CLS] first [SEP] second [SEP]` (Devlin et al. 2018). */
export function bertPostProcessor(cls: NamedToken, sep: NamedToken): PostProcessor {
  const single = [
    { specialToken: cls.id, typeId: 0 },
    { text: 'first', typeId: 0 },
    { specialToken: sep.id, typeId: 0 },
  ] as const;
  const pair = [
    ...single,
    { text: 'second', typeId: 1 },
    { specialToken: sep.id, typeId: 1 },
  ] as const;
  return {
    layout: (isPair) => (isPair ? pair : single),
    toJSON: () => ({
      type: 'BertProcessing',
      sep: [sep.content, sep.id],
      cls: [cls.content, cls.id],
    }),
  };
}

/** `<s> first </s>`, `<s> first </s> </s> second </s>`, all of type 0 (Liu et al. 2019). */
export function robertaPostProcessor(
  cls: NamedToken,
  sep: NamedToken,
  trim: TrimOptions,
): PostProcessor {
  const typeId = 0;
  const single = [
    { specialToken: cls.id, typeId },
    { text: 'first', typeId },
    { specialToken: sep.id, typeId },
  ] as const;
  const pair = [
    ...single,
    { specialToken: sep.id, typeId },
    { text: 'second', typeId },
    { specialToken: sep.id, typeId },
  ] as const;
  return {
    layout: (isPair) => (isPair ? pair : single),
    ...(trim.trimOffsets && { adjustOffsets: trimmer(trim) }),
    toJSON: () => ({
      type: 'RobertaProcessing',
      sep: [sep.content, sep.id],
      cls: [cls.content, cls.id],
      trim_offsets: trim.trimOffsets,
      add_prefix_space: trim.addPrefixSpace,
    }),
  };
}
