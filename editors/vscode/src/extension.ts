/** Starts `bpc lsp` for the .bp files of a window, and ends it with the window. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commands, window, workspace, type Disposable, type ExtensionContext } from 'vscode'
import { LanguageClient, type Executable } from 'vscode-languageclient/node'

const SETTINGS = 'Open settings'

export async function activate(context: ExtensionContext): Promise<void> {
  const server = new Server()
  const restart = () => server.restart()
  context.subscriptions.push(
    server,
    commands.registerCommand('bp.restart', restart),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration(change => (change.affectsConfiguration('bp.command') ? restart() : undefined)),
  )
  await restart()
}

class Server implements Disposable {
  #client: LanguageClient | undefined

  async restart(): Promise<void> {
    await this.stop()
    // What runs is a program that the workspace brings.
    if (!workspace.isTrusted) return
    const client = new LanguageClient('bp', 'bp', commandOfServer(), { documentSelector: [{ language: 'bp' }] })
    this.#client = client
    try {
      await client.start()
    } catch {
      this.#client = undefined
      const chosen = await window.showErrorMessage('bp: there is no `bpc` to serve this window. Install bp-lang in the project, or name the command in the setting bp.command.', SETTINGS)
      if (chosen === SETTINGS) await commands.executeCommand('workbench.action.openSettings', 'bp.command')
    }
  }

  async stop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.stop()
  }

  dispose(): Promise<void> {
    return this.stop()
  }
}

/** The command of the settings, or the project's own, or the one on the path. */
function commandOfServer(): Executable {
  const named = workspace.getConfiguration('bp').get<string>('command', '')
  if (named !== '') return { command: named, args: ['lsp'] }
  const own = (workspace.workspaceFolders ?? []).map(({ uri }) => join(uri.fsPath, 'node_modules', 'bp-lang', 'dist', 'bpc.js')).find(path => existsSync(path))
  // Through node itself: the scripts of npm are no programs on Windows.
  if (own !== undefined) return { command: process.execPath, args: [own, 'lsp'], options: { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } } }
  return { command: 'bpc', args: ['lsp'], options: { shell: process.platform === 'win32' } }
}
