/** The text with U+FFFD for every half of a surrogate pair that stands alone: as long, unit for unit. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
