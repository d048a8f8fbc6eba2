// Lays out the root of the image in an empty folder: Node with the libraries it needs, and of the packages only what runs.
// Run where everything is installed and built: node deploy/docker/assemble.mjs /image
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [image] = process.argv.slice(2)
if (!image || (existsSync(image) && readdirSync(image).length > 0)) throw new Error('Which empty folder?')
const app = join(image, 'app')

installPackages()
addOurs()
addNode()
addSystem()

/** What the hub needs at run time, from the lock file. */
function installPackages() {
  const manifests = readJson('package.json').workspaces.flatMap((place) => {
    const [folder = '', star] = place.split('/')
    const names = star === undefined ? [folder] : readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
    return names.map((name) => `${name}/package.json`).filter((file) => existsSync(join(root, file)))
  })
  for (const file of ['package.json', 'package-lock.json', '.npmrc', ...manifests]) copy(file)
  const flags = [
    '--omit=dev',
    '--omit=optional',
    '--workspace=services/hub',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  execFileSync('npm', ['ci', ...flags], { cwd: app, stdio: ['ignore', 2, 2] })
  const sqlite = join(app, 'node_modules/better-sqlite3')
  for (const part of ['deps', 'src']) rmSync(join(sqlite, part), { recursive: true, force: true })
  const ours = `linux-${process.arch}.node`
  for (const name of readdirSync(join(sqlite, 'prebuilds'))) if (name !== ours) rmSync(join(sqlite, 'prebuilds', name))
}

/** Of our packages what was built; of those the hub does not need nothing at all. */
function addOurs() {
  const links = join(app, 'node_modules/@shuniu')
  const linked = readdirSync(links).map((name) => relative(realpathSync(app), realpathSync(join(links, name))))
  for (const folder of linked) {
    for (const part of ['dist', 'bin']) if (existsSync(join(root, folder, part))) copy(`${folder}/${part}`)
  }
  for (const name of ['clients', 'test', 'package-lock.json', '.npmrc'])
    rmSync(join(app, name), { recursive: true, force: true })
  copyFileSync(join(root, 'deploy/docker/health.mjs'), join(app, 'health.mjs'))
}

/** The Node of the lock file, the one that everything was tested with, and the libraries it is linked to. */
function addNode() {
  const node = join(root, `node_modules/node-linux-${process.arch}/bin/node`)
  const target = join(image, 'usr/local/bin/node')
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(node, target)
  chmodSync(target, 0o755)
  for (const [, file] of execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/(\/\S+\.so\S*) \(0x/g)) {
    mkdirSync(join(image, dirname(file)), { recursive: true })
    copyFileSync(realpathSync(file), join(image, file))
    chmodSync(join(image, file), 0o755)
  }
}

/** A user, where names are looked up, and the places that are mounted but for the data, which has another owner. */
function addSystem() {
  for (const folder of ['etc', 'tmp', 'project']) mkdirSync(join(image, folder), { recursive: true })
  writeFileSync(join(image, 'etc/passwd'), 'shuniu:x:65532:65532:shuniu:/var/lib/shuniu:/nonexistent\n')
  writeFileSync(join(image, 'etc/group'), 'shuniu:x:65532:\n')
  writeFileSync(join(image, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  chmodSync(join(image, 'tmp'), 0o1777)
}

function copy(file) {
  mkdirSync(dirname(join(app, file)), { recursive: true })
  cpSync(join(root, file), join(app, file), {
    recursive: true,
    filter: (path) => !/\.(map|d\.ts|test\.ts|tsbuildinfo)$/.test(path),
  })
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
