// Runs metered modules on V8 and compares results, traps, gas and state with the interpreter's:
//
//   VM_MODULES=20000 VM_ORACLE=/tmp/oracle.jsonl \
//     cargo test -p thinkey-vm --lib write_for_another_engine
//   node vm/tests/oracle.mjs /tmp/oracle.jsonl
import fs from "node:fs";
import readline from "node:readline";

const STACK = 65536n;
const GAS = 1n << 24n;

/** The code of a trap, as `Trap::code`. */
function trapCode(error, gas, stack) {
  if (gas < 0n) return 1;
  if (stack < 0n) return 10;
  const codes = [
    [/unreachable/, 2],
    [/memory access out of bounds/, 3],
    [/data segment out of bounds|memory.*out of bounds/, 3],
    [/table index is out of bounds|table.*out of bounds|element segment/, 4],
    [/divide by zero|remainder by zero/, 7],
    [/divide result unrepresentable/, 8],
    [/float unrepresentable in integer range/, [8, 9]],
    [/null function or function signature mismatch|signature mismatch|null/, [5, 6]],
    [/Maximum call stack/, 10],
  ];
  return codes.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.message;
}

const view = new DataView(new ArrayBuffer(8));

/** Whether a value has these bits, in decimal. JavaScript hides which NaN a NaN is. */
function isBits(value, expected) {
  if (typeof value === "bigint") return BigInt.asUintN(64, value) === BigInt(expected);
  if (Number.isNaN(value)) {
    view.setBigUint64(0, BigInt(expected));
    return Number.isNaN(view.getFloat64(0)) || Number.isNaN(view.getFloat32(4));
  }
  view.setFloat64(0, value);
  const double = view.getBigUint64(0);
  view.setFloat32(0, value);
  const float = BigInt(view.getUint32(0));
  const integer = Number.isInteger(value) ? BigInt.asUintN(32, BigInt(value)) : null;
  return [double, float, integer].includes(BigInt(expected));
}

/** Exported memories, folded like the other side does. */
function stateOf(exports) {
  let sum = 7;
  const memories = Object.values(exports).filter((item) => item instanceof WebAssembly.Memory);
  for (const memory of memories) {
    for (const byte of new Uint8Array(memory.buffer)) sum = (Math.imul(sum, 31) + byte) | 0;
  }
  return sum >>> 0;
}

let modules = 0, calls = 0, wrong = 0;
for await (const line of readline.createInterface({ input: fs.createReadStream(process.argv[2]) })) {
  const { seed, wasm, calls: expected } = JSON.parse(line);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, "hex")));
  modules += 1;
  const [gas, stack] = [exports["thinkey:gas"], exports["thinkey:stack"]];
  for (const call of expected) {
    const name = call.name.replace(/&#x([0-9a-f]+);/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));
    const given = call.arguments.map(([type, value]) => (type === "I64" ? BigInt(value) : value));
    [gas.value, stack.value] = [GAS, STACK];
    let same;
    try {
      const result = exports[name](...given);
      const found = Array.isArray(result) ? result : result === undefined ? [] : [result];
      same = gas.value < 0n
        ? call.results[0]?.trap === 1
        : found.length === call.results.length && found.every((value, i) => isBits(value, call.results[i]));
    } catch (error) {
      same = [trapCode(error, gas.value, stack.value)].flat().includes(call.results[0]?.trap);
    }
    if (same && GAS - gas.value !== BigInt(call.gas)) same = false;
    if (same && call.results[0]?.trap !== 1) same = stateOf(exports) === call.state;
    calls += 1;
    if (!same) {
      wrong += 1;
      console.log(`seed ${seed}, ${JSON.stringify(name)}: gas ${GAS - gas.value}, expected`, call);
    }
  }
}
console.log(`${modules} modules, ${calls} calls compared, ${wrong} differ`);
process.exit(wrong ? 1 : 0);
