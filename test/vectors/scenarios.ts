import type { Scenario } from './scenario.ts'
import { accessScenarios } from './scenarios/access.ts'
import { changedMeanwhileScenarios } from './scenarios/changed-meanwhile.ts'
import { certificateScenarios } from './scenarios/certificates.ts'
import { clientFieldScenarios } from './scenarios/client-fields.ts'
import { nodeScenarios, sharedScenarios } from './scenarios/cluster.ts'
import { configurationChange } from './scenarios/configuration-change.ts'
import { configurationCreation } from './scenarios/configuration-creation.ts'
import { connectScenarios, subresourceCreates } from './scenarios/connects.ts'
import { customResourceScenarios } from './scenarios/custom-resources.ts'
import { exemptScenarios } from './scenarios/exempt.ts'
import { helmScenarios } from './scenarios/helm.ts'
import { networkScenarios } from './scenarios/network.ts'
import { lookAlikes } from './scenarios/look-alikes.ts'
import { podCollectionDeletes, podDeletes, workloadDeletes } from './scenarios/deletes.ts'
import { podChange, podCreation } from './scenarios/pods.ts'
import { serviceChange, serviceCreation } from './scenarios/services.ts'
import { jobs } from './scenarios/jobs.ts'
import { workloadApply } from './scenarios/workload-apply.ts'
import { workloadChange } from './scenarios/workload-change.ts'
import { workloadCreation } from './scenarios/workload-creation.ts'

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
