// A package depends only on lower layers, and layer 3 (recipes, tasks, metrics) never on `transformer`.
import { layerOf, manifestOf, packageFolders } from '../workspace.mjs';

const packages = new Map(
  packageFolders().map((folder) => {
    const manifest = manifestOf(folder);
    return [manifest.name, { manifest, layer: layerOf(folder) }];
  }),
);
const problems = [];
for (const [name, { manifest, layer }] of packages) {
  const needs = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  for (const other of Object.keys(needs)) {
    const target = packages.get(other);
    if (!target) continue;
    if (target.layer >= layer) {
      problems.push(
        `${name} (layer ${layer}) depends on ${other} (layer ${target.layer}); only lower layers may be imported.`,
      );
    }
    if (layer === 3 && other === '@heddle/transformer') {
      problems.push(
        `${name} depends on @heddle/transformer; take any LanguageModel of @heddle/core instead.`,
      );
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`layers: ${packages.size} packages, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
