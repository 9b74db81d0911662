/** Starts `bpc lsp` for the .bp files of a window, and ends it with the window. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commands, window, workspace, type Disposable, type ExtensionContext, type OutputChannel } from 'vscode'
import { CloseAction, LanguageClient, type Executable } from 'vscode-languageclient/node'

export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel('bp')
  const server = new Server(output)
  const restart = () => server.restart()
  context.subscriptions.push(
    output, server,
    commands.registerCommand('bp.restart', restart),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration(change => (change.affectsConfiguration('bp.command') ? restart() : undefined)),
  )
  await restart()
}

class Server implements Disposable {
  #client: Client | undefined
  /** Restarts, one after the other: each ends what the last one began. */
  #turn: Promise<void> = Promise.resolve()

  constructor(private readonly output: OutputChannel) {}

  restart(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#restart())
    return this.#turn
  }

  async #restart(): Promise<void> {
    await this.#stop()
    // What runs is a program that the workspace brings.
    if (!workspace.isTrusted) return
    const command = commandOfServer()
    const client = new Client(command, this.output)
    try {
      await client.begin()
      this.#client = client
    } catch (error) {
      // Nobody waits for the answer: a restart need not wait for a message to be read.
      void explain(command, error, this.output)
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.stop().catch(() => undefined)
  }

  dispose(): Promise<void> {
    return this.#stop()
  }
}

/** The client of the library, which has a notification for each of its layers; where nothing could be started, ours is the only one. */
class Client extends LanguageClient {
  #isStarting = true

  constructor(command: Executable, outputChannel: OutputChannel) {
    super('bp', 'bp', command, {
      // Not the other side of a comparison, nor a folder that is no folder of this machine: what those import is nowhere to be read.
      documentSelector: ['file', 'untitled'].map(scheme => ({ scheme, language: 'bp' })),
      outputChannel,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (error, message, count) => this.#usual.error(error, message, count),
        closed: () => (this.#isStarting ? { action: CloseAction.DoNotRestart, handled: true } : this.#usual.closed()),
      },
    })
  }

  readonly #usual = this.createDefaultErrorHandler()

  /** @throws where there is no such command, or it ends before it answers */
  async begin(): Promise<void> {
    await this.start()
    this.#isStarting = false
  }

  override error(message: string, data?: unknown, showNotification?: boolean | 'force'): void {
    super.error(message, data, this.#isStarting ? false : showNotification)
  }
}

const SETTINGS = 'Open settings'
const OUTPUT = 'Show output'

async function explain({ command }: Executable, error: unknown, output: OutputChannel): Promise<void> {
  const text = String(error).includes('ENOENT')
    ? `bp: there is no \`${command}\` to serve this window. Install bp-lang in the project, or name the command in the setting bp.command.`
    : `bp: \`${command} lsp\` ended before it served this window; its output says why.`
  const chosen = await window.showErrorMessage(text, SETTINGS, OUTPUT)
  if (chosen === SETTINGS) await commands.executeCommand('workbench.action.openSettings', 'bp.command')
  if (chosen === OUTPUT) output.show()
}

/** The command of the settings, or the project's own, or the one on the path. */
function commandOfServer(): Executable {
  const named = workspace.getConfiguration('bp').get<string>('command', '')
  if (named !== '') return executable(named)
  const own = placesOfWork().flatMap(folder => foldersAbove(folder)).map(folder => join(folder, 'node_modules', 'bp-lang', 'dist', 'bpc.js')).find(path => existsSync(path))
  return executable(own ?? 'bpc')
}

function executable(command: string): Executable {
  // Through the node of the editor: the scripts of npm are no programs on Windows.
  if (command.endsWith('.js')) return { command: process.execPath, args: [command, 'lsp'], options: { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } } }
  const shell = process.platform === 'win32'
  return { command: shell ? `"${command}"` : command, args: ['lsp'], options: { shell } }
}

/** Folders of the .bp files that are open, then those of the window. */
function placesOfWork(): readonly string[] {
  const open = workspace.textDocuments.filter(({ languageId, uri }) => languageId === 'bp' && uri.scheme === 'file').map(({ uri }) => dirname(uri.fsPath))
  return [...open, ...(workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath)]
}

/** The folder itself, and all that it is in: packages are installed in any of them. */
function foldersAbove(folder: string): readonly string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersAbove(above)]
}
