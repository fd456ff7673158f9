/** What somebody does in the Playground, as far as it is completed here. */
export type PlaygroundActivity = {
  readonly id?: string
  readonly type?: string
  readonly name?: string
  readonly timestamp?: string
  readonly serviceUrl?: string
  readonly text?: string
  readonly conversation?: { readonly id?: string; readonly conversationType?: string; readonly tenantId?: string }
  readonly channelData?: { readonly tenant?: { readonly id: string } }
  readonly value?: { readonly trigger?: string; readonly action?: object }
  /** Of a click: the message with the card. */
  readonly replyToId?: string
}

/**
 * The activity as Teams would send it. What it says already stays, so that a test may lie. The Playground
 * - leaves out the tenant of some activities, in the channel data, in the conversation or both; Teams always tells both;
 * - leaves out the time of some activities;
 * - never says that a click was made by hand, `trigger: manual`.
 */
export function completed(activity: PlaygroundActivity, tenantID: string): PlaygroundActivity {
  const { channelData = {}, conversation = {}, value } = activity
  const click = activity.type === 'invoke' ? { value: { trigger: 'manual', ...value } } : {}
  return {
    timestamp: new Date().toISOString(),
    ...activity,
    conversation: { tenantId: tenantID, ...conversation },
    channelData: { tenant: { id: tenantID }, ...channelData },
    ...click,
  }
}
