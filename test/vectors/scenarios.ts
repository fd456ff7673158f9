import type { Scenario } from './scenario.ts'
import { accessScenarios } from './scenarios/access.ts'
import { certificateScenarios } from './scenarios/certificates.ts'
import { clientFieldScenarios } from './scenarios/client-fields.ts'
import { nodeScenarios, sharedScenarios } from './scenarios/cluster.ts'
import { configurationChange, configurationCreation, workloadApply } from './scenarios/configuration.ts'
import { connectScenarios, subresourceCreates } from './scenarios/connects.ts'
import { customResourceScenarios } from './scenarios/custom-resources.ts'
import { exemptScenarios } from './scenarios/exempt.ts'
import { helmScenarios } from './scenarios/helm.ts'
import { networkScenarios } from './scenarios/network.ts'
import { changedMeanwhileScenarios, lookAlikes } from './scenarios/other-actions.ts'
import { podCollectionDeletes, podDeletes, workloadDeletes } from './scenarios/pod-deletes.ts'
import { podChange, podCreation } from './scenarios/pods.ts'
import { serviceChange, serviceCreation } from './scenarios/services.ts'
import { jobs, workloadChange, workloadCreation } from './scenarios/workloads.ts'

/** All scenarios that are recorded, each with a name of its own. */
export const scenarios: readonly Scenario[] = [
  ...podCreation,
  ...podChange,
  ...podDeletes,
  ...podCollectionDeletes,
  ...workloadCreation,
  ...workloadChange,
  ...workloadApply,
  ...workloadDeletes,
  ...jobs,
  ...serviceCreation,
  ...serviceChange,
  ...configurationCreation,
  ...configurationChange,
  ...accessScenarios,
  ...certificateScenarios,
  ...customResourceScenarios,
  ...nodeScenarios,
  ...sharedScenarios,
  ...networkScenarios,
  ...connectScenarios,
  ...subresourceCreates,
  ...clientFieldScenarios,
  ...changedMeanwhileScenarios,
  ...lookAlikes,
  ...helmScenarios,
  ...exemptScenarios,
]
