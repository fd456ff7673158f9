import type { Command, Scenario } from '../scenario.ts'

const helm = (...args: readonly string[]): Command => ({ tool: 'helm', args })
const install = helm('install', 'demo', 'chart')

/** Each object of a release, and the Secret in which helm keeps the release itself. */
export const helmScenarios: readonly Scenario[] = [
  { name: 'helm-install', commands: [install], action: 'UntilAllowed', groups: [2, 2, 2, 2, 2] },
  {
    name: 'helm-install-client-side',
    commands: [helm('install', 'demo', 'chart', '--server-side=false')],
    action: 'UntilAllowed',
    groups: [2, 2, 2, 2, 2],
  },
  {
    name: 'helm-upgrade',
    before: [install],
    commands: [helm('upgrade', 'demo', 'chart', '--set=image=registry.example/web:2')],
    action: 'UntilAllowed',
    groups: [2, 2, 2, 2, 2, 2],
  },
  {
    name: 'helm-uninstall',
    before: [install],
    commands: [helm('uninstall', 'demo')],
    action: 'UntilAllowed',
    groups: [2, 2, 2, 2, 2],
  },
]
