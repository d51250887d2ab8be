// Made by tools/golden/tokenizer/normalizer_tables.py with tokenizers 0.23.3. Do not edit.

/** The control characters that `BertNormalizer` takes away. */
export const CONTROL_RUNS: string = [
  'AJCCBS_ChBNByqBGWBgGBxBB-nEB8_BFaFxBFBKw8tBgoI_vBB5HDBB_lEBi_qBEvmFIm0rYBegDg8_B-__BC-__B',
].join('');
