import { createHash } from 'node:crypto';
import { type DocumentStage, documentStage } from '../pipeline.js';
import { DigestSet } from './digest-set.js';

/**
 * Drops documents whose text came before (`exact-duplicate`); the first stays. Texts are the same
 * if they differ in white space only. Keeps the first 128 bits of a SHA-256 for each document: 23
 * to 46 bytes each in memory.
 */
export function exactDedup(): DocumentStage {
  return documentStage('exactDedup', () => {
    const seen = new DigestSet();
    return (document) => {
      const key = document.text.replace(/\s+/g, ' ').trim();
      const isNew = seen.add(createHash('sha256').update(key).digest());
      return isNew ? document : { drop: 'exact-duplicate' };
    };
  });
}
