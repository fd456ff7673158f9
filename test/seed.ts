import fc from 'fast-check'
import { soak } from './scale.ts'

/** Property tests take the same examples in every run of the tests, so that a red one is a change's own; soak draws new ones. */
if (!soak) fc.configureGlobal({ seed: 20261121 })
