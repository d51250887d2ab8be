import type { LinearActivation } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import { activations } from './activation.js';
import { matmul } from './matmul.js';

const APPROXIMATE = { gelu: 'none', geluTanh: 'tanh' } as const;

/** Linear layers followed or preceded by an activation. */
export const linearActivations: Kernels<'linearActivation' | 'activationLinearBackward'> = {
  linearActivation({ transposeWeight, bias, activation }, inputs, [y, z]) {
    const layer = inputs.slice(0, bias ? 3 : 2);
    matmul.linear({ kind: 'linear', transposeWeight, bias, residual: false }, layer, [z]);
    activate(activation, z, inputs[layer.length], y);
  },

  activationLinearBackward({ transposeWeight, activation }, [dy, w, ...kept], outputs) {
    const shape = outputs[0].shape;
    const product: Operand = { data: outputs[0].data.slice(), shape };
    matmul.matmul(
      { kind: 'matmul', transposeA: false, transposeB: !transposeWeight },
      [dy, w],
      [product],
    );
    if (activation === 'swiglu')
      activations.swigluBackward({ kind: 'swigluBackward' }, [...kept, product], outputs);
    else
      activations.geluBackward(
        { kind: 'geluBackward', approximate: APPROXIMATE[activation] },
        [kept[0], product],
        outputs,
      );
  },
};

function activate(activation: LinearActivation, z: Operand, gate: Operand, y: Operand): void {
  if (activation === 'swiglu') activations.swiglu({ kind: 'swiglu' }, [gate, z], [y]);
  else activations.gelu({ kind: 'gelu', approximate: APPROXIMATE[activation] }, [z], [y]);
}
