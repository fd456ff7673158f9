import type { admit } from '../../src/app/admit.ts'
import type { AdmitPorts } from '../../src/app/admit-ports.ts'
import type { Call } from '../../src/app/gated-call.ts'
import type { LoopPorts } from '../../src/app/loop-ports.ts'
import type { Stage } from './stage.ts'
import type { Surroundings } from './webhook-ports.ts'

type Admit = typeof admit

/** A fault that is put into a copy of a port or a rule, to see that the rules of a run can be broken. */
export type Plant = {
  readonly admit: (real: Admit) => Admit
  readonly ports: (real: AdmitPorts, call: Call, around: Surroundings) => AdmitPorts
  readonly operator: (real: LoopPorts, stage: Stage) => LoopPorts
  /** The webhook goes by its own clock, however far behind. */
  readonly ownClock: boolean
  readonly skewMs: (skewMs: number) => number
  /** The rules of the schema hold. */
  readonly rules: boolean
}

/** No fault. */
export const sound: Plant = {
  admit: (real) => real,
  ports: (real) => real,
  operator: (real) => real,
  ownClock: false,
  skewMs: (skewMs) => skewMs,
  rules: true,
}
