#!/usr/bin/env python3
"""One run of PACMAN 7.4.1 on a machine graph, as its defaults are: the driver that mapping.py calls.

    target/peers/bin/python benches/compare/mapping_peer.py GRAPH.graph.jsonl.gz [MACHINE.machine.json] [--far]

Placer, router, global keys, merged tables and pair compression of tables over 1,023 entries (--far: of all tables). Every target slice
names its source slices, which is what makes PACMAN's results exact. Prints seconds of each stage and the sizes of the tables as JSON.
"""

import argparse
import gzip
import json
import pathlib
import sys
import time

from spinn_utilities.config_holder import set_config
from spinn_machine import Chip, Link, Router
from spinn_machine.full_wrap_machine import FullWrapMachine
from spinn_machine.no_wrap_machine import NoWrapMachine
from pacman.config_setup import unittest_setup
from pacman.data.pacman_data_writer import PacmanDataWriter
from pacman.model.graphs.application import ApplicationEdge, ApplicationVertex
from pacman.model.graphs.common import Slice
from pacman.model.graphs.machine import SimpleMachineVertex
from pacman.model.partitioner_splitters import AbstractSplitterCommon
from pacman.model.placements import Placements
from pacman.model.resources import ConstantSDRAM
from pacman.operations.placer_algorithms.application_placer import place_application_graph
from pacman.operations.router_algorithms.application_router import route_application_graph
from pacman.operations.router_compressors.pair_compressor import pair_compressor
from pacman.operations.routing_info_allocator_algorithms.zoned_routing_info_allocator import ZonedRoutingInfoAllocator
from pacman.operations.routing_table_generators.merged_routing_table_generator import merged_routing_table_generator

STEPS = [(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)]


class Slices(AbstractSplitterCommon):
    """The slices of the graph, each with the source slices that reach it."""

    def __init__(self):
        super().__init__()
        self.machine_vertices = []
        self.sources = {}

    def create_machine_vertices(self, chip_counter):
        pass

    def get_out_going_slices(self):
        return [vertex.vertex_slice for vertex in self.machine_vertices]

    def get_in_coming_slices(self):
        return self.get_out_going_slices()

    def get_out_going_vertices(self, partition_id):
        return self.machine_vertices

    def get_in_coming_vertices(self, partition_id):
        return self.machine_vertices

    def get_source_specific_in_coming_vertices(self, source_vertex, partition_id):
        return self.sources.get(source_vertex, [])

    def machine_vertices_for_recording(self, variable_to_record):
        return []

    def reset_called(self):
        pass


class Population(ApplicationVertex):
    def __init__(self, label, neurons, splitter):
        super().__init__(label=label, splitter=splitter)
        self.neurons = neurons

    @property
    def n_atoms(self):
        return self.neurons


class SliceVertex(SimpleMachineVertex):
    """A slice that needs as many keys as the graph says."""

    keys = 1

    def get_n_keys_for_partition(self, partition_id):
        return self.keys


def open_text(path):
    return gzip.open(path, "rt") if path.suffix == ".gz" else open(path)


def machine_of(path):
    described = json.loads(path.read_text())
    width, height = described["width"], described["height"]
    listed = described["chips"]
    places = {(x, y) for x, y, *_ in listed}
    kind = FullWrapMachine if described["wrap"] else NoWrapMachine
    machine = kind(width, height, {place: 18 for place in places}, "described")
    for x, y, cores, sdram, board_x, board_y, mask in listed:
        links = [Link(x, y, d, (x + dx) % width, (y + dy) % height) for d, (dx, dy) in enumerate(STEPS) if mask >> d & 1]
        address = "127.0.0.1" if (x, y) == (board_x, board_y) else None
        router = Router(links, described["router_entries"])
        machine.add_chip(Chip(x, y, [0], range(1, cores + 1), router, sdram, board_x, board_y, address))
    return machine


def read_graph(path, writer):
    """Adds the graph to PACMAN's data; gives the slices that send."""
    populations, slices, reached = [], [], {}
    with open_text(path) as lines:
        header = json.loads(next(lines))
        for line in lines:
            item = json.loads(line)
            if "net" in item:
                ends = item["targets"]
                for first, last in zip(ends[::2], ends[1::2]):
                    for target in range(first, last + 1):
                        reached.setdefault(target, []).append(item["source"])
            elif "vertex" in item:
                population = populations[item["population"]]
                cut = Slice(item["first"], item["last"])
                vertex = SliceVertex(ConstantSDRAM(item["sdram"]), f"s{item['vertex']}", population, cut)
                vertex.keys = 1 << item["key_bits"]
                population.remember_machine_vertex(vertex)
                population.splitter.machine_vertices.append(vertex)
                slices.append(vertex)
            else:
                populations.append(Population(f"{item['population']} {item['name']}", item["neurons"], Slices()))
                writer.add_vertex(populations[-1])
    joined = {}
    for target, sources in sorted(reached.items()):
        by_population = {}
        for source in sources:
            by_population.setdefault(slices[source].app_vertex, []).append(slices[source])
        for population, senders in by_population.items():
            vertex = slices[target]
            vertex.app_vertex.splitter.sources.setdefault(population, []).append((vertex, senders))
            joined[population, vertex.app_vertex] = None
    for source, target in joined:
        writer.add_edge(ApplicationEdge(source, target), "spikes")
    return header


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=pathlib.Path)
    parser.add_argument("machine", type=pathlib.Path, nargs="?", help="default: the graph's, beside it")
    parser.add_argument("--far", action="store_true", help="compress every table as far as it goes")
    options = parser.parse_args()

    unittest_setup()
    set_config("Machine", "version", "5")
    set_config("Mapping", "router_table_compress_as_far_as_possible", str(options.far))
    writer = PacmanDataWriter.mock()
    with open_text(options.graph) as lines:
        header = json.loads(next(lines))
    machine = options.machine or options.graph.with_name(header["machine"] + ".machine.json")
    writer.set_machine(machine_of(machine))
    # PACMAN sets this aside on every chip; the machine files have done so already.
    writer.set_plan_n_timesteps(1)
    began = time.perf_counter()
    read_graph(options.graph, writer)
    told = {"graph": header["name"], "build_s": time.perf_counter() - began}

    def stage(name, work):
        began = time.perf_counter()
        result = work()
        told[name] = time.perf_counter() - began
        return result

    writer.set_placements(stage("place_s", lambda: place_application_graph(Placements())))
    writer.set_routing_table_by_partition(stage("route_s", route_application_graph))
    writer.set_routing_infos(stage("keys_s", lambda: ZonedRoutingInfoAllocator().allocate([])))
    tables = stage("tables_s", merged_routing_table_generator)
    writer.set_uncompressed(tables)
    writer.set_precompressed(tables)
    compressed = stage("compress_s", pair_compressor)
    sizes = [table.number_of_entries for table in compressed.routing_tables]
    told["wall_s"] = sum(told[f"{name}_s"] for name in ("place", "route", "keys", "tables", "compress"))
    told.update(after_max=max(sizes), after_sum=sum(sizes))
    print(json.dumps(told))


if __name__ == "__main__":
    sys.exit(main())
