//! `sum`, `avg`, `stddev` and their like for the engine, in the place of its own: of doubles they are exact, of whole
//! numbers, decimals and periods they are the engine's, which are so already.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Float64Array};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::stddev::{stddev_pop_udaf, stddev_udaf};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_aggregate::variance::{var_pop_udaf, var_samp_udaf};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, ReversedUDAF, Signature,
};

use super::moments::{Moments, Told};

/// The sum of numbers.
pub(crate) fn sum(number: Expr) -> Expr {
    sum_function().call(vec![number])
}

/// Their mean.
pub(crate) fn avg(number: Expr) -> Expr {
    Exact::function(avg_udaf(), Told::Mean).call(vec![number])
}

/// Their standard deviation, as a sample.
pub(crate) fn stddev(number: Expr) -> Expr {
    Exact::function(stddev_udaf(), Told::Deviation { is_sample: true }).call(vec![number])
}

/// `sum` as a function, for windows.
pub(crate) fn sum_function() -> Arc<AggregateUDF> {
    Arc::new(Exact::function(sum_udaf(), Told::Sum))
}

/// All of them, by the names that SQL has for them.
pub(crate) fn aggregates() -> [AggregateUDF; 6] {
    [
        Exact::function(sum_udaf(), Told::Sum),
        Exact::function(avg_udaf(), Told::Mean),
        Exact::function(stddev_udaf(), Told::Deviation { is_sample: true }),
        Exact::function(stddev_pop_udaf(), Told::Deviation { is_sample: false }),
        Exact::function(var_samp_udaf(), Told::Variance { is_sample: true }),
        Exact::function(var_pop_udaf(), Told::Variance { is_sample: false }),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Exact {
    /// The engine's, for all that is no double.
    engines: Arc<AggregateUDF>,
    told: Told,
}

impl Exact {
    fn function(engines: Arc<AggregateUDF>, told: Told) -> AggregateUDF {
        AggregateUDF::new_from_impl(Self { engines, told })
    }
}

fn is_of_doubles(args: &AccumulatorArgs<'_>) -> bool {
    *args.return_field.data_type() == DataType::Float64
}

impl AggregateUDFImpl for Exact {
    fn name(&self) -> &str {
        self.engines.name()
    }

    fn aliases(&self) -> &[String] {
        self.engines.aliases()
    }

    fn signature(&self) -> &Signature {
        self.engines.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.engines.return_type(arguments)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if *args.return_type() != DataType::Float64 {
            return self.engines.state_fields(args);
        }
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "exact"), DataType::Binary, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if !is_of_doubles(&args) {
            return self.engines.accumulator(args);
        }
        Ok(match args.is_distinct {
            true => Box::new(OfDistinct { told: self.told, numbers: BTreeSet::new() }),
            false => Box::new(OfAll { told: self.told, moments: Moments::new(self.told) }),
        })
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if is_of_doubles(&args) { self.accumulator(args) } else { self.engines.create_sliding_accumulator(args) }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        if is_of_doubles(&args) { !args.is_distinct } else { self.engines.groups_accumulator_supported(args) }
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        if !is_of_doubles(&args) {
            return self.engines.create_groups_accumulator(args);
        }
        Ok(Box::new(OfGroups { told: self.told, groups: Vec::new(), bytes: 0 }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn default_value(&self, kind: &DataType) -> Result<ScalarValue> {
        self.engines.default_value(kind)
    }
}

fn doubles(values: &[ArrayRef]) -> Result<&Float64Array> {
    let doubles = values.first().and_then(|array| array.as_primitive_opt::<Float64Type>());
    doubles.ok_or_else(|| DataFusionError::Internal("no numbers".to_owned()))
}

/// The states of other cores.
fn states(values: &[ArrayRef]) -> Result<impl Iterator<Item = Option<&[u8]>>> {
    let states = values.first().and_then(|array| array.as_binary_opt::<i32>());
    Ok(states.ok_or_else(|| DataFusionError::Internal("no states".to_owned()))?.iter())
}

fn moments_of(state: &[u8]) -> Result<Moments> {
    Moments::read(state).ok_or_else(|| DataFusionError::Internal("no state".to_owned()))
}

/// All numbers that come.
#[derive(Debug)]
struct OfAll {
    told: Told,
    moments: Moments,
}

impl Accumulator for OfAll {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        doubles(values)?.iter().flatten().for_each(|number| self.moments.add(number));
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        doubles(values)?.iter().flatten().for_each(|number| self.moments.remove(number));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        states(values)?.flatten().try_for_each(|state| {
            self.moments.merge(&moments_of(state)?);
            Ok(())
        })
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let mut bytes = Vec::new();
        self.moments.write(&mut bytes);
        Ok(vec![ScalarValue::Binary(Some(bytes))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.moments.told(self.told)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.moments.size()
    }
}

/// Each number once, however often it comes.
#[derive(Debug)]
struct OfDistinct {
    told: Told,
    /// Their bits; 0 has one sign.
    numbers: BTreeSet<u64>,
}

impl Accumulator for OfDistinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.numbers.extend(doubles(values)?.iter().flatten().map(|number| (number + 0.0).to_bits()));
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for state in states(values)?.flatten() {
            let bits = state.chunks_exact(size_of::<u64>()).filter_map(|bits| bits.try_into().ok());
            self.numbers.extend(bits.map(u64::from_le_bytes));
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(self.numbers.iter().flat_map(|bits| bits.to_le_bytes()).collect()))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut moments = Moments::new(self.told);
        self.numbers.iter().for_each(|bits| moments.add(f64::from_bits(*bits)));
        Ok(ScalarValue::Float64(moments.told(self.told)))
    }

    fn size(&self) -> usize {
        // A node of the tree is about half full.
        size_of_val(self) + self.numbers.len() * size_of::<u64>() * 2
    }
}

/// Many groups at once.
struct OfGroups {
    told: Told,
    groups: Vec<Moments>,
    /// What the groups hold beside themselves.
    bytes: usize,
}

impl OfGroups {
    fn grow(&mut self, count: usize) {
        if self.groups.len() < count {
            let more = count - self.groups.len();
            let of_new = Moments::new(self.told);
            self.bytes += of_new.size() * more;
            self.groups.resize(count, of_new);
        }
    }

    fn change(&mut self, group: usize, change: impl FnOnce(&mut Moments)) {
        if let Some(moments) = self.groups.get_mut(group) {
            let before = moments.size();
            change(moments);
            self.bytes = (self.bytes + moments.size()).saturating_sub(before);
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<Moments> {
        let taken = emit_to.take_needed(&mut self.groups);
        self.bytes = self.bytes.saturating_sub(taken.iter().map(Moments::size).sum());
        taken
    }
}

fn as_states(all: impl Iterator<Item = Moments>) -> Vec<ArrayRef> {
    let (mut states, mut bytes) = (BinaryBuilder::new(), Vec::new());
    for moments in all {
        bytes.clear();
        moments.write(&mut bytes);
        states.append_value(&bytes);
    }
    vec![Arc::new(states.finish())]
}

fn is_taken(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl GroupsAccumulator for OfGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        for (row, (number, group)) in doubles(values)?.iter().zip(group_indices).enumerate() {
            if let Some(number) = number.filter(|_| is_taken(opt_filter, row)) {
                self.change(*group, |moments| moments.add(number));
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        for (state, group) in states(values)?.zip(group_indices) {
            if let Some(state) = state {
                let other = moments_of(state)?;
                self.change(*group, |moments| moments.merge(&other));
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let told = self.told;
        let numbers: Float64Array = self.take(emit_to).iter().map(|moments| moments.told(told)).collect();
        Ok(Arc::new(numbers))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(as_states(self.take(emit_to).into_iter()))
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let of_row = |(row, number): (usize, Option<f64>)| {
            let mut moments = Moments::new(self.told);
            number.filter(|_| is_taken(opt_filter, row)).into_iter().for_each(|number| moments.add(number));
            moments
        };
        Ok(as_states(doubles(values)?.iter().enumerate().map(of_row)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.capacity() * size_of::<Moments>() + self.bytes
    }
}
