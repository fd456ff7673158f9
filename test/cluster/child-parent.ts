import { startChild } from '../../cluster/child.ts'

// A process with a child and a grandchild, which tells their pids and then waits to be killed.
const child = await startChild({
  command: 'sh',
  args: ['-c', 'sleep 600 & echo $$ $!; wait'],
  env: { PATH: '/usr/bin:/bin' },
  stdout: 'pipe',
  stderr: 2,
})
child.stdout?.pipe(process.stdout)
