import { ensureBinaries, ensureHelm } from '../../cluster/binaries.ts'
import { makePrinter } from '../../cluster/progress.ts'

/** Before the first end-to-end test: the programs of the control plane are there. Where they are not, this takes minutes, and shows it. */
export default async function build(): Promise<void> {
  const printer = makePrinter({
    write: (text) => void process.stderr.write(text),
    now: () => performance.now(),
    terminal: process.stderr.isTTY,
  })
  const options = { env: process.env, report: printer.report }
  await ensureBinaries(options)
  await ensureHelm(options)
  printer.end()
}
