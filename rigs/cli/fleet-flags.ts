import { Option, type Command } from 'commander'
import type { FleetFlags } from './fleet-command.js'

const again = (one: string, before: readonly string[]) => [...before, one]

/** `lockstep fleet`. */
export function addFleetCommand(program: Command, rigOption: () => Option): void {
  program
    .command('fleet')
    .description(
      "play a city's locks, cars and phones against a rig, while its own lock runs scenarios; or against parties of yours",
    )
    .argument(
      '[paths...]',
      "scenarios for the bench's own lock; those of features/unlocking when there are none",
    )
    .addOption(rigOption())
    .option('--config <file>', 'play against parties that are there instead: YAML (docs/fleet.md)')
    .option('--locks <number>', 'default: 100, or all bays of the inventory')
    .option('--vehicles <number>', 'cars, of one user each (default: of half of the users)')
    .option('--users <number>', 'default: three times as many as are under way on average')
    .option('--seed <number>', 'of every draw', '1')
    .option('--seconds <number>', 'how long wishes come up', '60')
    .option(
      '--pace <factor>',
      'times as many journeys as in a city: a bay is taken every 90 minutes there',
      '1',
    )
    .option('--journeys-per-minute <number>', 'of all users, instead of --pace')
    .option('--drive <seconds>', 'from the code to the lock, on average', '3')
    .option('--stay <seconds>', 'in the bay, on average', '3')
    .option('--patience <seconds>', 'how long a user waits for anything', '60')
    .option('--fix <seconds>', 'how often each lock tells its GPS fix; 0: never', '60')
    .option(
      '--place <name>',
      'that users write; again for each (default: one of the synthetic city)',
      again,
      [],
    )
    .option('--inventory <file>', "a city's own bays, CSV or GeoJSON; see lockstep inventory")
    .addOption(new Option('--datum <datum>', 'of the inventory').choices(['WGS-84', 'GCJ-02']))
    .option('--column <field=column>', "the inventory's name of a field; again for each", again, [])
    .addOption(new Option('--format <format>', 'of the inventory').choices(['csv', 'geojson']))
    .option('--encoding <label>', 'of CSV, such as gbk (default: utf-8)')
    .option('--delimiter <character>', 'of CSV (default: a comma)')
    .option('--price <fen>', 'an hour, for rows that name none')
    .option('--openings <number>', "of the bench's own lock, timed before there is a fleet", '5')
    .option('--tags <expression>', 'only scenarios with these tags; those tagged @alone are always left out')
    .option('--evidence <folder>', "where the bench's evidence goes (default: evidence/<time>-<rig>-fleet)")
    .option('--picture <file>', 'the latencies as SVG')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .action(async (paths: string[], flags: FleetFlags) => {
      const { fleet } = await import('./fleet-command.js')
      process.exitCode = await fleet(paths, flags)
    })
}
