import type { TiktokenOptions } from './tiktoken.js';

/** The languages of Whisper's `whisper/tokenizer.py`, in the order of their tokens; `yue` came with large-v3. */
const LANGUAGES =
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue';

/**
 * The encoding of Whisper (Radford et al. 2022).
 *
 * @param tokens how many tokens the `.tiktoken` file has: 50257 in `multilingual.tiktoken`, 50256 in `gpt2.tiktoken`
 * @param languages 100 for large-v3, else 99
 */
export function whisperEncoding(tokens = 50257, languages: 99 | 100 = 99): TiktokenOptions {
  const names = [
    'endoftext',
    'startoftranscript',
    ...LANGUAGES.split(' ').slice(0, languages),
    'translate',
    'transcribe',
    'startoflm',
    'startofprev',
    'nospeech',
    'notimestamps',
    ...Array.from({ length: 1501 }, (_, i) => (i * 0.02).toFixed(2)),
  ];
  return {
    pattern: 'gpt2',
    specialTokens: names.map((name, i) => [`<|${name}|>`, tokens + i]),
  };
}
