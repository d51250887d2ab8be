/**
 * The inside of a character class (with the `u` flag): scripts that are written without spaces
 * between words.
 */
export const UNSPACED: string =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
