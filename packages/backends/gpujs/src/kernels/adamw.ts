import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import type { Compute, Computes } from './operation.js';

/** Loshchilov & Hutter 2019: m, v and then p of each parameter, each in a kernel of its own. */
const adamw: Compute<'adamw'> = async (
  device,
  { lr, beta1, beta2, epsilon, weightDecay, step },
  [scale, ...inputs],
) => {
  const updated: DeviceArray[] = [];
  for (let n = 0; n < inputs.length; n += 4) {
    const [p, g, m, v] = inputs.slice(n, n + 4).map((x) => x.value);
    const mean = await ifFinite(device, scale.value, m, [g], (factor, old, [gradient], program) => {
      const [keep, take] = [program.number(beta1), program.number(1 - beta1)];
      return `${keep} * ${old} + ${take} * (${gradient} * ${factor})`;
    });
    const square = await ifFinite(
      device,
      scale.value,
      v,
      [g],
      (factor, old, [gradient], program) => {
        const [keep, take] = [program.number(beta2), program.number(1 - beta2)];
        return `${keep} * ${old} + ${take} * (${gradient} * ${factor}) * (${gradient} * ${factor})`;
      },
    );
    const moved = await ifFinite(
      device,
      scale.value,
      p,
      [mean, square],
      (_, old, [first, second], program) => {
        const correct1 = program.number(1 / (1 - beta1 ** step));
        const correct2 = program.number(1 / Math.sqrt(1 - beta2 ** step));
        const decay = program.number(1 - lr * weightDecay);
        return `${old} * ${decay} - ${program.number(lr)} * (${first} * ${correct1} / (Math.sqrt(${second}) * ${correct2} + ${program.number(epsilon)}))`;
      },
    );
    updated.push(moved, mean, square);
  }
  return updated;
};

/** A new value for each element of an array, unless the factor of the gradients is not finite. */
function ifFinite(
  device: Device,
  scale: DeviceArray,
  old: DeviceArray,
  others: readonly DeviceArray[],
  update: (factor: string, old: string, others: readonly string[], program: Program) => string,
) {
  const program = new Program();
  const [factor, before] = [program.array(scale), program.array(old)];
  const names = others.map((array) => `${program.array(array)}[this.thread.x]`);
  return program.run(
    device,
    [old.size],
    `const factor = ${factor}[0];
const old = ${before}[this.thread.x];
if (Math.abs(factor) <= 3.4028234e38) { return ${update('factor', 'old', names, program)}; }
return old;`,
  );
}

export const optimizers: Computes<'adamw'> = { adamw };
