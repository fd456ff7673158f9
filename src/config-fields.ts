import { z } from 'zod'

/** A time of more than nothing, and at most so many seconds. */
export const seconds = (most: number) => z.number().positive().max(most)

/** How many, from one. */
export const count = (most: number) => z.int().min(1).max(most)

const port = z.int().min(0).max(65_535)

/** Where a server of ours listens. */
export const listen = (host: string, number: number, what: string) =>
  z
    .strictObject({
      host: z.string().min(1).default(host).describe(`Address on which ${what} listens.`),
      port: port.default(number).describe(`Port on which ${what} listens; 0 takes a free one.`),
    })
    .prefault({})
