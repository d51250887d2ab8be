import { Program } from '../program.js';
import { gridOf } from './grid.js';
import type { Computes } from './operation.js';

/** Rotary positions (Su et al. 2021): each pair (i, i + D/2) is turned by its position's angle. */
export const rotary: Computes<'rope'> = {
  rope: (device, { inverse }, [x, cos, sin]) => {
    const [b, t, h, d] = x.shape;
    const program = new Program();
    const arrays = [x, cos, sin].map(({ value }) => program.array(value));
    const { output, at } = gridOf(program, [b, t, h, d]);
    const [T, H, D, half] = [t, h, d, d / 2].map((n) => program.integer(n));
    const row = `(${at[0]} * ${T} + ${at[1]})`;
    const own = `(${row} * ${H} + ${at[2]}) * ${D}`;
    const angle = cos.shape[0] === 1 ? at[1] : row;
    const turn = (index: string): string => `const c = ${arrays[1]}[${angle} * ${half} + ${index}];
const s = ${inverse ? '-' : ''}${arrays[2]}[${angle} * ${half} + ${index}];`;
    const i = at[3];
    return program.run(
      device,
      output,
      `if (${i} < ${half}) {
  ${turn(i)}
  return ${arrays[0]}[${own} + ${i}] * c - ${arrays[0]}[${own} + ${i} + ${half}] * s;
}
${turn(`${i} - ${half}`)}
return ${arrays[0]}[${own} + ${i}] * c + ${arrays[0]}[${own} + ${i} - ${half}] * s;`,
    );
  },
};
