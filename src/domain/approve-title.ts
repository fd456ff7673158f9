import type { Briefing } from './briefing.ts'

const titles: Readonly<Record<string, string>> = {
  'Connect exec': 'Approve this command',
  'Create eviction': 'Approve eviction',
  'Create token': 'Approve token',
}

const titlesByOperation = {
  Create: 'Approve create',
  Update: 'Approve change',
  Delete: 'Approve delete',
  Connect: 'Approve this connection',
} as const

/** What the button that approves is called: it names the deed, so that nobody presses it for another one. */
export function approveTitle({ operation, subresource }: Pick<Briefing, 'operation' | 'subresource'>): string {
  if (operation === undefined) return 'Approve'
  return titles[`${operation} ${subresource}`] ?? titlesByOperation[operation]
}
