import { z } from 'zod'
import { listen, seconds } from './config-fields.ts'

/** The part that faces the internet: what chat services send, and the tab of Teams. */
export const gateway = z
  .strictObject({
    listen: listen('0.0.0.0', 8445, 'the gateway, in plain HTTP behind whatever ends TLS,'),
    url: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe(
        'Origin under which people reach the gateway, as `https://countersign.example.com`. Without it, no tab.',
      ),
    answerSeconds: seconds(10)
      .default(2.5)
      .describe('For how long a click waits for its decision before it is told that it is recorded.'),
    drainSeconds: z
      .number()
      .min(0)
      .max(60)
      .default(5)
      .describe('For how long a gateway that was told to stop still takes what comes.'),
  })
  .prefault({})

const address = (what: string) =>
  z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(what)

/** What differs from the presets of the clouds, such as a proxy. Nothing here switches a check off. */
export const microsoft = z
  .strictObject({
    loginURL: address("Where tokens are given out, in place of the cloud's own."),
    botMetadataURL: address("OpenID metadata of the Bot Connector, in place of the cloud's own."),
    graphURL: address("Microsoft Graph, in place of the cloud's own."),
    serviceHosts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Hosts to which the token of a bot may be sent, in place of the cloud's own."),
  })
  .prefault({})

/** How requests are put before people. */
export const channels = z
  .strictObject({
    undeliveredSeconds: seconds(3600)
      .default(60)
      .describe('A request that no channel has taken for so long is said to be undelivered.'),
    deadlineSeconds: seconds(60).default(10).describe('For how long a chat service may take to answer one call.'),
    retrySeconds: seconds(600)
      .default(60)
      .describe('The longest pause between two tries to deliver a card; the first pauses are shorter.'),
  })
  .prefault({})
