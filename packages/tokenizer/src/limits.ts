/** Most entries of a vocabulary: several times what the largest known ones need. */
export const MOST_TOKENS: number = 1 << 21;
