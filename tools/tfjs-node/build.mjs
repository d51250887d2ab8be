// Builds the native addon of @tensorflow/tfjs-node without its installer, which downloads libtensorflow: from the
// sources in its npm package, against the libraries in the Python package tensorflow-cpu (or tensorflow, for CUDA).
//
//   node tools/tfjs-node/build.mjs --python PYTHON --out FOLDER
//
// PYTHON is an interpreter that has tensorflow-cpu; FOLDER becomes a project with the addon in its node_modules, which
// HEDDLE_TFJS_NODE then names. It needs Linux and a C++17 compiler ($CXX, else g++), and nothing else from outside than npm.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const VERSION = '4.22.0';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
/** The version of Node-API that all supported versions of Node have, and tfjs-node takes if it is there. */
const NODE_API = 8;

const { values } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, out: { type: 'string' } },
});

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Where the interpreter finds tensorflow; it is not imported, which takes seconds. */
function tensorflowFolder(python) {
  const code =
    "import importlib.util as u; s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s else '')";
  const folder = execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim();
  if (folder === '')
    fail(`${python} has no tensorflow. Run: ${python} -m pip install tensorflow-cpu`);
  for (const file of [...LIBRARIES, 'include/tensorflow/c/eager/c_api.h']) {
    if (!existsSync(join(folder, file)))
      fail(`${folder} has no ${file}. Take another version of tensorflow-cpu.`);
  }
  return folder;
}

/** A project with the package and the headers of Node-API, and no install script run. */
function installPackage(out) {
  mkdirSync(out, { recursive: true });
  const manifest = join(out, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ private: true }));
  const packages = [`@tensorflow/tfjs-node@${VERSION}`, 'node-api-headers@1'];
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet, ...packages], { cwd: out, stdio: 'inherit' });
  return join(out, 'node_modules/@tensorflow/tfjs-node');
}

/** Compiles the addon to where tfjs-node looks for it; it finds the libraries beside itself. */
function compile(out, folder, tensorflow) {
  const libraries = join(folder, 'deps/lib');
  const target = join(folder, `lib/napi-v${NODE_API}`);
  for (const made of [libraries, target]) mkdirSync(made, { recursive: true });
  for (const library of LIBRARIES) {
    rmSync(join(libraries, library), { force: true });
    symlinkSync(join(tensorflow, library), join(libraries, library));
  }
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) =>
    join(folder, 'binding', file),
  );
  const includes = [
    join(out, 'node_modules/node-api-headers/include'),
    join(tensorflow, 'include'),
  ];
  execFileSync(
    process.env.CXX ?? 'g++',
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API}`],
      ...includes.map((include) => `-I${include}`),
      ...sources,
      ...['-o', join(target, 'tfjs_binding.node')],
      `-L${libraries}`,
      ...LIBRARIES.map((library) => `-l:${library}`),
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ],
    { stdio: 'inherit' },
  );
}

if (process.platform !== 'linux')
  fail('The libraries of the Python package are linked this way on Linux only.');
if (values.out === undefined) fail('Say where to build: --out FOLDER');
const out = resolve(values.out);
const tensorflow = tensorflowFolder(values.python);
const folder = installPackage(out);
compile(out, folder, tensorflow);
const code = "console.log(require('@tensorflow/tfjs-node').backend().binding.TF_Version)";
const version = execFileSync(process.execPath, ['-e', code], {
  cwd: out,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
console.log(`Built against TensorFlow ${version.trim()}. Set HEDDLE_TFJS_NODE=${out}`);
