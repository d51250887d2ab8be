import type { Kernels } from '../kernel.js';

/** Layer normalisation (Ba et al. 2016) and its root-mean-square form (Zhang & Sennrich 2019), over the last axis. */
export const norms: Kernels<'layerNorm' | 'layerNormBackward' | 'rmsNorm' | 'rmsNormBackward'> = {
  layerNorm({ epsilon }, [x, gain, bias], [y, mean, rstd]) {
    const d = gain.data.length;
    for (let row = 0; row < mean.data.length; row++) {
      const at = row * d;
      let sum = 0;
      for (let i = 0; i < d; i++) sum += x.data[at + i];
      const m = sum / d;
      let squares = 0;
      for (let i = 0; i < d; i++) squares += (x.data[at + i] - m) ** 2;
      const r = 1 / Math.sqrt(squares / d + epsilon);
      for (let i = 0; i < d; i++)
        y.data[at + i] = (x.data[at + i] - m) * r * gain.data[i] + bias.data[i];
      mean.data[row] = m;
      rstd.data[row] = r;
    }
  },

  layerNormBackward(_op, [x, gain, mean, rstd, dy, before], [dx, dgain, dbias]) {
    const d = gain.data.length;
    const gainSum = new Float64Array(d);
    const biasSum = new Float64Array(d);
    for (let row = 0; row < mean.data.length; row++) {
      const at = row * d;
      const m = mean.data[row];
      const r = rstd.data[row];
      let sum = 0; // of dy * gain
      let dot = 0; // of dy * gain * normalised x
      for (let i = 0; i < d; i++) {
        const normalised = (x.data[at + i] - m) * r;
        const g = dy.data[at + i] * gain.data[i];
        sum += g;
        dot += g * normalised;
        gainSum[i] += dy.data[at + i] * normalised;
        biasSum[i] += dy.data[at + i];
      }
      for (let i = 0; i < d; i++) {
        const normalised = (x.data[at + i] - m) * r;
        const own = r * (dy.data[at + i] * gain.data[i] - sum / d - (normalised * dot) / d);
        dx.data[at + i] = own + (before?.data[at + i] ?? 0);
      }
    }
    for (let i = 0; i < d; i++) {
      dgain.data[i] = gainSum[i];
      dbias.data[i] = biasSum[i];
    }
  },

  rmsNorm({ epsilon }, [x, gain], [y, rstd]) {
    const d = gain.data.length;
    for (let row = 0; row < rstd.data.length; row++) {
      const at = row * d;
      let squares = 0;
      for (let i = 0; i < d; i++) squares += x.data[at + i] ** 2;
      const r = 1 / Math.sqrt(squares / d + epsilon);
      for (let i = 0; i < d; i++) y.data[at + i] = x.data[at + i] * r * gain.data[i];
      rstd.data[row] = r;
    }
  },

  rmsNormBackward(_op, [x, gain, rstd, dy, before], [dx, dgain]) {
    const d = gain.data.length;
    const gainSum = new Float64Array(d);
    for (let row = 0; row < rstd.data.length; row++) {
      const at = row * d;
      const r = rstd.data[row];
      let dot = 0; // of dy * gain * normalised x
      for (let i = 0; i < d; i++) {
        const normalised = x.data[at + i] * r;
        dot += dy.data[at + i] * gain.data[i] * normalised;
        gainSum[i] += dy.data[at + i] * normalised;
      }
      for (let i = 0; i < d; i++) {
        const own = r * (dy.data[at + i] * gain.data[i] - (x.data[at + i] * r * dot) / d);
        dx.data[at + i] = own + (before?.data[at + i] ?? 0);
      }
    }
    for (let i = 0; i < d; i++) dgain.data[i] = gainSum[i];
  },
};
