// Drives one client library: takes jobs as JSON, does them with the client that `SDK_CLIENT` names, prints what was seen.
//
//     node driver.mjs '{"base_url": …, "dialect": …, "mode": …, "what": …, "timeout": 2, "watchdog": 10}'
//
// One job on the command line, or one a line on standard input, which are then done at the same time, each with a client of
// its own. Every job gives one line: `{"id": …, "saw": {…}}`, in the words of `python/saw.py`. A job that is not over when its
// watchdog barks is reported as a hang, with what had been seen until then. `SDK_FOLDER` says where the packages are, and
// `SDK_VARIANT` which major or which package is meant where there are two.

import { createInterface } from "node:readline";

import { NotAnAnswer, errorOf } from "./saw.mjs";

const { run } = await import(`./client_${process.env.SDK_CLIENT}.mjs`);

async function complete(job, saw) {
  const began = performance.now();
  try {
    await run(job, saw);
  } catch (error) {
    if (!(error instanceof NotAnAnswer)) {
      Object.assign(saw, errorOf(error));
    }
  }
  saw.seconds = Math.round(performance.now() - began) / 1000;
}

// Beats, and remembers when it could not: a client that gets no time of the processor looks like one that is slow.
const EVERY = 50;
const late = [];
let beaten = performance.now();
setInterval(() => {
  const now = performance.now();
  if (now - beaten > 2 * EVERY) {
    late.push([now, (now - beaten - EVERY) / 1000]);
  }
  beaten = now;
}, EVERY).unref();

/** How late it was at most since then, in seconds. */
function latest(since) {
  const behind = (performance.now() - beaten - EVERY) / 1000;
  return Math.max(0, behind, ...late.filter(([when]) => when >= since).map(([, seconds]) => seconds));
}

async function watched(job) {
  const saw = {};
  const began = performance.now();
  let barking;
  const barks = new Promise((resolve) => {
    barking = setTimeout(resolve, job.watchdog * 1000);
  });
  await Promise.race([complete(job, saw), barks]);
  clearTimeout(barking);
  if (saw.seconds === undefined) {
    saw.hang = true;
  }
  saw.late = Math.round(latest(began) * 1000) / 1000;
  process.stdout.write(`${JSON.stringify({ id: job.id ?? null, saw })}\n`);
}

// What nobody waits for is nobody's answer; it must not end the others.
let stray = 0;
process.on("unhandledRejection", () => (stray += 1));

if (process.argv[2] === undefined) {
  const all = [];
  for await (const line of createInterface({ input: process.stdin })) {
    all.push(watched(JSON.parse(line)));
  }
  await Promise.all(all);
} else {
  await watched(JSON.parse(process.argv[2]));
}
// Whatever still hangs is left behind, once everything is printed.
process.stdout.write("", () => process.exit(0));
