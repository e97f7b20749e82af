//! The interpreter on a leaky integrate-and-fire neuron with two exponential synapses, 30 instructions.

use bouton_runtime_embedded::interpret::{Draw, Lanes};
use bouton_runtime_host::flat::vector::{Code, Common, LANES, Large, run_large};
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::{Program, ProgramView};
use bouton_targets::random::Seed;

fn main() {
    divan::main();
}

const NEURONS: usize = 4096;

fn lif_exp() -> Program {
    let i = |op, dst, a, b, imm| Instruction { op, dst, a, b, imm };
    let instructions = vec![
        i(Op::LoadState, 0, 0, 0, 0),
        i(Op::LoadState, 1, 0, 0, 1),
        i(Op::LoadState, 2, 0, 0, 2),
        i(Op::LoadState, 3, 0, 0, 3),
        i(Op::LoadNarrow, 4, 0, 0, 0),
        i(Op::LoadNarrow, 5, 0, 0, 1),
        i(Op::MultiplyConstant, 6, 0, 31, 2_136_773_000),
        i(Op::MultiplyAdd, 6, 1, 31, 10_600_000),
        i(Op::MultiplyAdd, 6, 2, 31, 10_650_000),
        i(Op::AddConstant, 6, 6, 0, 3604),
        i(Op::Saturate, 6, 6, 0, 0),
        i(Op::MultiplyConstant, 1, 1, 31, 2_104_960_000),
        i(Op::Add, 1, 1, 4, 0),
        i(Op::Saturate, 1, 1, 0, 0),
        i(Op::MultiplyConstant, 2, 2, 31, 2_126_100_000),
        i(Op::Add, 2, 2, 5, 0),
        i(Op::Saturate, 2, 2, 0, 0),
        i(Op::GreaterEqualConstant, 7, 3, 0, 1),
        i(Op::Constant, 8, 0, 0, -11 << 16),
        i(Op::Select, 6, 7, 8, 6),
        i(Op::GreaterEqualConstant, 9, 6, 0, -65536),
        i(Op::Select, 6, 9, 8, 6),
        i(Op::AddConstant, 10, 3, 0, -1),
        i(Op::Constant, 11, 0, 0, 0),
        i(Op::Max, 10, 10, 11, 0),
        i(Op::Constant, 12, 0, 0, 50),
        i(Op::Select, 3, 9, 12, 10),
        i(Op::StoreState, 0, 6, 0, 0),
        i(Op::StoreState, 0, 1, 0, 1),
        i(Op::StoreState, 0, 2, 0, 2),
        i(Op::StoreState, 0, 3, 0, 3),
        i(Op::EmitSpike, 0, 9, 0, 0),
    ];
    Program { instructions, ranges: vec![[-200 << 20, 200 << 20]], ..Program::default() }
}

#[divan::bench(sample_count = 200, sample_size = 20)]
fn lif_exp_step(bencher: divan::Bencher) {
    let program = lif_exp();
    let words = program.to_words();
    let Ok(view) = ProgramView::new_checked(&words) else { return };
    let mut states: Vec<i32> = (0..4 * NEURONS as i32).map(|x| if x < 3 * 4096 { -(x * 37 % 650_000) } else { 0 }).collect();
    let (narrow, wide) = (vec![7; 2 * NEURONS], Vec::new());
    let code = Code { instructions: program.instructions.clone(), view };
    let mut vector = Large::new();
    let mut spikes = 0;
    bencher.counter(divan::counter::ItemsCount::new(NEURONS)).bench_local(|| {
        for lane in (0..NEURONS).step_by(LANES) {
            let mut lanes =
                Lanes { states: &mut states, narrow: &narrow, wide: &wide, stride: NEURONS, lane, present: LANES, active: LANES };
            let draw = Draw { seed: Seed(1), stream: 0, index: lane as u32, tick: 0 };
            run_large(&mut vector, &code, &Common { params: &[], modulators: &[] }, &mut lanes, draw);
            spikes += vector.spikes.iter().map(|s| s.count_ones()).sum::<u32>();
        }
    });
    divan::black_box(spikes);
}
