/** How many are under way at a time. */
const mostAtOnce = 8

/** Does each, also those after one that failed. Rejects as the first that failed, when all are through. */
export async function doEach<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  const left = [...items].values()
  const worker = async (): Promise<void> => {
    for (const item of left) await act(item).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: mostAtOnce }, worker))
  if (failures.length > 0) throw failures[0]
}
