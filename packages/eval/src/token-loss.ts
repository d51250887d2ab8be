import { type Estimate, HeddleError, type Metric } from '@heddle/core';

/** What a language model lost on one document (or row): the unit that the standard error counts. */
export interface TokenLoss {
  /** The sum of -log p over the predicted tokens, in nats. */
  readonly loss: number;
  /** Predicted tokens. */
  readonly tokens: number;
  /** UTF-8 bytes of the text of those tokens; needed for bits per byte only. */
  readonly bytes?: number;
}

/** Sums over observations of y, x, y², xy and x², from which a ratio and its error follow. */
export interface RatioState {
  readonly count: number;
  readonly y: number;
  readonly x: number;
  readonly yy: number;
  readonly xy: number;
  readonly xx: number;
}

/**
 * The ratio estimator R = Σy / Σx with the delta method's standard error (Cochran 1977, "Sampling
 * techniques", ch. 6): sqrt(n / (n - 1) · Σ(y - R x)²) / Σx. Documents, not tokens, are the sample,
 * since the tokens of one document are not independent.
 */
function ratioEstimate({ count, y, x, yy, xy, xx }: RatioState): Estimate {
  const value = y / x;
  const residuals = Math.max(0, yy - 2 * value * xy + value * value * xx);
  const standardError = count < 2 ? undefined : Math.sqrt((count / (count - 1)) * residuals) / x;
  return { value, standardError, count };
}

function ratioMetric(
  name: string,
  denominator: 'tokens' | 'bytes',
  transform: (ratio: Estimate) => Estimate,
): Metric<TokenLoss, RatioState> {
  return {
    name,
    empty: () => ({ count: 0, y: 0, x: 0, yy: 0, xy: 0, xx: 0 }),
    add(state, observation) {
      const { loss: y, [denominator]: x } = observation;
      if (x === undefined || !Number.isFinite(x) || x < 0 || !Number.isFinite(y)) {
        throw new HeddleError(
          'eval/non-finite',
          `${name} was given a loss of ${y} over ${String(x)} ${denominator}; it needs a finite loss ` +
            `and a number of ${denominator}. Look at the model (did it diverge?) or at what counted them.`,
          { what: name, given: `${y} / ${String(x)}` },
        );
      }
      return {
        count: state.count + 1,
        y: state.y + y,
        x: state.x + x,
        yy: state.yy + y * y,
        xy: state.xy + x * y,
        xx: state.xx + x * x,
      };
    },
    merge: (a, b) => ({
      count: a.count + b.count,
      y: a.y + b.y,
      x: a.x + b.x,
      yy: a.yy + b.yy,
      xy: a.xy + b.xy,
      xx: a.xx + b.xx,
    }),
    value(state) {
      if (state.x === 0) {
        throw new HeddleError(
          'eval/empty',
          `${name} has seen no ${denominator}, so it has no value. Add an observation that has some.`,
          { what: name },
        );
      }
      return transform(ratioEstimate(state));
    },
  };
}

const scaled = ({ value, standardError, count }: Estimate, by: number): Estimate => ({
  value: value * by,
  standardError: standardError === undefined ? undefined : standardError * by,
  count,
});

/** The mean loss of a token in nats: the cross-entropy. */
export function tokenLoss(): Metric<TokenLoss, RatioState> {
  return ratioMetric('loss', 'tokens', (ratio) => ratio);
}

/** exp(mean loss of a token). Only models with one tokenizer can be compared by it. */
export function perplexity(): Metric<TokenLoss, RatioState> {
  return ratioMetric('perplexity', 'tokens', ({ value, standardError, count }) => {
    const perplexity = Math.exp(value);
    if (!Number.isFinite(perplexity)) {
      throw new HeddleError(
        'eval/non-finite',
        `A mean loss of ${value} nats a token is a perplexity too large for a number. Report the loss instead.`,
        { what: 'perplexity', given: String(value) },
      );
    }
    const error = standardError === undefined ? undefined : perplexity * standardError;
    return { value: perplexity, standardError: error, count };
  });
}

/** Loss in bits per UTF-8 byte of text: comparable between models of any tokenizer. */
export function bitsPerByte(): Metric<TokenLoss, RatioState> {
  return ratioMetric('bits-per-byte', 'bytes', (ratio) => scaled(ratio, 1 / Math.LN2));
}
