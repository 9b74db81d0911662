/** Everybody that we are measured against, by name. */
import { LeftOut, type Peer, type Threads } from '../harness/contender'
import { openBrain } from './brain'
import { openGpuJs } from './gpujs'
import { openPythonPeer } from './pythonPeer'
import { openQuantumCircuit } from './quantumCircuit'
import { openTfjs } from './tfjs'

const python = (title: string, module: string) => ({ 'its own threads': true, open: (threads: Threads) => openPythonPeer(title, module, threads) })

/** How to open each one; those with threads of their own are opened twice. */
const PEERS = {
  'quantum-circuit': { open: openQuantumCircuit },
  'qulacs-wasm': { open: notInRegistry },
  ket: { open: notInRegistry },
  'tfjs-wasm': { open: () => openTfjs('wasm') },
  'tfjs-cpu': { open: () => openTfjs('cpu') },
  'brain.js': { open: openBrain },
  'gpu.js': { open: openGpuJs },
  qulacs: python('Qulacs', 'qulacs_peer'),
  qsim: python('qsim f32', 'qsim_peer'),
  pennylane: python('PennyLane', 'pennylane_peer'),
  pytorch: python('PyTorch', 'torch_peer'),
  jax: python('JAX', 'jax_peer'),
  numpy: python('NumPy, OpenBLAS', 'numpy_peer'),
} as const

export type PeerName = keyof typeof PEERS

function notInRegistry(): Promise<Peer> {
  return Promise.reject(new LeftOut('the npm registry has no such package'))
}

/** Opens peers when they are first asked for, and remembers those that are not there. */
export class Peers {
  private readonly opened = new Map<string, Promise<Peer>>()

  /** @throws LeftOut with the reason */
  open(name: PeerName, threads: Threads): Promise<Peer> {
    const key = `${name} ${threads}`
    const known = this.opened.get(key) ?? PEERS[name].open(threads)
    this.opened.set(key, known)
    return known
  }

  hasThreads(name: PeerName): boolean {
    return 'its own threads' in PEERS[name]
  }

  /** Package and version of all that were opened. */
  async versions(): Promise<Readonly<Record<string, string>>> {
    return Object.assign({}, ...(await this.all()).map(({ versions }) => versions)) as Record<string, string>
  }

  async close(): Promise<void> {
    for (const peer of await this.all()) await peer.close()
  }

  private async all(): Promise<readonly Peer[]> {
    return (await Promise.allSettled(this.opened.values())).flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  }
}
