import sequencer from '@jest/test-sequencer'

// Its types are those of its CommonJS build, where the class stands one step deeper than where it is imported from.
const TestSequencer = sequencer as unknown as typeof sequencer.default
type Tests = Parameters<InstanceType<typeof TestSequencer>['sort']>[0]

/** Tests on a control plane begin first, since they wait more than they work: whatever is short fills the gaps. */
export default class LongestFirst extends TestSequencer {
  override sort(tests: Tests): Tests {
    const rank = ({ path }: Tests[number]): number => [/demo\.test/, /\/e2e\//, /./].findIndex((one) => one.test(path))
    return [...tests].toSorted((a, b) => rank(a) - rank(b))
  }
}
