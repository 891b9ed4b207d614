//! The table of codes: a row a code. A row's slug is its constructor in [`report`], its page in `pages/` and its test.
//!
//! Numbers are never used again. 01 text and syntax, 02 names, 03 types and values, 04 steps and their code, 05 pipelines,
//! 06 environments, 07 privacy and secrets, 08 CI, promotion and policies, 09 targets, 10 files and the command line, 11 import.

use super::{Diagnostic, Severity};
use crate::source::Span;

/// A row of the table.
struct Row {
    number: &'static str,
    slug: &'static str,
    severity: Severity,
    summary: &'static str,
    page: &'static str,
}

macro_rules! codes {
    ($($number:ident $slug:ident $severity:ident $summary:literal;)*) => {
        const ROWS: &[Row] = &[$(Row {
            number: stringify!($number),
            slug: stringify!($slug),
            severity: Severity::$severity,
            summary: $summary,
            page: include_str!(concat!("pages/", stringify!($slug), ".md")),
        }),*];

        #[allow(non_camel_case_types, clippy::enum_variant_names)]
        enum Index { $($slug),* }

        /// A constructor a code: where it is and what is wrong, in one sentence without a full stop.
        pub mod report {
            use super::{Code, Diagnostic, Index, Span};
            $(#[doc = $summary]
            pub fn $slug(span: Span, message: impl Into<String>) -> Diagnostic {
                Diagnostic::new(Code(Index::$slug as u16), message).label(span, "")
            })*
        }
    };
}

codes! {
    MLP0101 unclosed_bracket Error "a bracket, brace or parenthesis is never closed";
    MLP0102 unopened_bracket Error "a bracket closes nothing";
    MLP0103 unclosed_text Error "a text has no closing quote";
    MLP0104 not_an_item Error "a line in the first column begins no item";
    MLP0105 bad_syntax Error "something else was expected here";
    MLP0106 not_text Error "a file is not UTF-8 text";
    MLP0107 too_deep Error "an expression is nested too deeply";
    MLP0108 bad_escape Error "a text has an escape that means nothing";
    MLP0201 unknown_name Error "a name is not declared here";
    MLP0202 unknown_type Error "a type is not declared here";
    MLP0203 unknown_variant Error "an enum has no such variant";
    MLP0204 unknown_part Error "a value has no such part";
    MLP0205 unknown_mark Error "a mark is not declared";
    MLP0206 unknown_module Error "the standard library has no such module";
    MLP0207 unknown_import Error "a file does not declare what is imported from it";
    MLP0208 missing_import Error "an imported file does not exist";
    MLP0209 private_name Error "a name that begins with an underscore stays in its file";
    MLP0210 declared_twice Error "a name is declared twice";
    MLP0211 declared_in_two_files Error "two files declare one thing of the project";
    MLP0212 differ_by_case Error "two names differ only by case";
    MLP0213 shadowed_name Error "a name would hide another";
    MLP0214 goes_in_a_circle Error "something is declared in terms of itself";
    MLP0215 imported_twice Warning "a name is imported twice";
    MLP0216 unused_import Warning "an import is not used";
    MLP0217 unused_declaration Warning "something is declared and never used";
    MLP0218 unused_name Warning "a parameter or binding is not used";
    MLP0219 used_outside_block Error "a value is used outside the block that makes it";
    MLP0220 second_project Error "a project has two of what it has one of";
    MLP0221 not_a_type Error "a name is no type";
    MLP0222 not_a_value Error "a name is no value";
    MLP0223 used_before_made Error "a value is used before it is made";
    MLP0224 missing_project Error "a project does not say what it is";
    MLP0301 type_mismatch Error "a value is of another type than is wanted";
    MLP0302 cannot_compare Error "two values cannot be compared";
    MLP0303 operator_does_not_fit Error "an operator does not take such operands";
    MLP0304 unknown_unit Error "a quantity has a unit that does not exist";
    MLP0305 number_too_large Error "a number is too large";
    MLP0306 refinement_broken Error "a value breaks a predicate of its type";
    MLP0307 unproven_refinement Error "a value is not known to fit a refined type";
    MLP0308 refinement_in_argument Error "a refinement stands inside angle brackets";
    MLP0309 wrong_type_arguments Error "a type has the wrong arguments";
    MLP0310 may_be_none Error "a value may be none";
    MLP0311 never_none Error "a value is never none";
    MLP0312 mixed_list Error "a list holds two types";
    MLP0313 branches_differ Error "the blocks of an if give different things";
    MLP0314 if_without_else Error "an if that is a value has no else";
    MLP0315 block_is_not_a_value Error "a block is not one expression";
    MLP0316 not_a_list Error "something is gone through that is no list";
    MLP0317 known_only_at_run_time Error "a constant is wanted where a value is known only at run time";
    MLP0318 not_at_run_time Error "an operation is not possible when a pipeline runs";
    MLP0319 too_much_work Error "a constant takes too long to compute";
    MLP0320 arithmetic_fault Error "a computation has no result";
    MLP0321 no_such_entry Error "a list or map has no such entry";
    MLP0322 invalid_cron Error "a text is no cron expression";
    MLP0323 invalid_timezone Error "a text is no time zone";
    MLP0324 invalid_timestamp Error "a text is no moment in time";
    MLP0325 invalid_uri Error "a text is no address";
    MLP0326 invalid_pattern Error "a text is no pattern";
    MLP0327 not_text_form Error "a value has no text form";
    MLP0328 artifact_in_text Error "an artifact stands in a text";
    MLP0329 not_callable Error "something is called that cannot be";
    MLP0330 call_wanted Error "a function or form is named without its arguments";
    MLP0331 missing_argument Error "a call lacks an argument";
    MLP0332 unknown_argument Error "a call gives an argument that does not exist";
    MLP0333 unnamed_argument Error "an argument needs a name";
    MLP0334 said_twice Error "something is said twice";
    MLP0335 missing_field Error "an item lacks a field";
    MLP0336 unknown_field Error "an item has no such field";
    MLP0337 misplaced_entry Error "an entry does not stand here";
    MLP0338 bad_artifact_title Error "an artifact's title has not two parts";
    MLP0339 missing_extends Error "an artifact extends nothing";
    MLP0340 not_a_column_type Error "a column's type is no value's";
    MLP0401 missing_code Error "a step's file does not exist";
    MLP0402 missing_function Error "a step's function does not exist";
    MLP0403 code_is_broken Error "a step's file is no Python";
    MLP0404 wrong_kind_of_function Error "a step's function cannot be started by calling it";
    MLP0405 missing_code_parameter Error "a step's function lacks a parameter";
    MLP0406 extra_code_parameter Error "a step's function has a parameter that nothing gives";
    MLP0407 code_type_mismatch Error "a step's function is annotated with another type";
    MLP0408 missing_code_output Error "a step's function does not give an output";
    MLP0409 unknown_run Error "what a step starts is not known";
    MLP0410 empty_command Error "a command has no program";
    MLP0411 output_never_written Error "nothing writes an output";
    MLP0412 unused_input Warning "a command does not use an input";
    MLP0413 importer_outputs Error "an importer has not one artifact as its output";
    MLP0414 output_with_default Error "an output has a default";
    MLP0415 wrong_input_type Error "a step or pipeline cannot take this";
    MLP0416 wrong_output_type Error "a step or verification cannot give this";
    MLP0417 bad_variable_name Error "an environment variable has a name that is none";
    MLP0418 retry_of_effect Error "a step that changes the world would be repeated";
    MLP0419 unknown_defaults Error "there are no defaults for this";
    MLP0420 missing_folder Error "a folder does not exist";
    MLP0421 bad_word Error "a command has a word that is none";
    MLP0422 image_source Error "an image has not one source";
    MLP0423 tool_mismatch Error "a step does not fit what its tool runs";
    MLP0431 claim_step Error "a step that claims a volume takes or gives something else";
    MLP0432 approval_step Error "a step that asks for an approval starts or gives something";
    MLP0501 call_inside_expression Error "a step is called inside an expression";
    MLP0502 with_outside_call Error "`with` stands after something that is no call";
    MLP0503 bad_with Error "`with` says something that it cannot";
    MLP0504 value_not_used Error "nothing is done with a value";
    MLP0505 yield_outside_block Error "`yield` stands outside a block";
    MLP0506 yield_not_used Error "nothing uses what a block yields";
    MLP0507 after_yield Error "something stands after `yield`";
    MLP0508 loop_without_yield Error "what gives nothing is used as a value";
    MLP0509 return_in_block Error "`return` stands in a block";
    MLP0510 missing_return Error "a pipeline does not return an output";
    MLP0511 undeclared_return Error "a pipeline returns what it does not declare";
    MLP0512 finally_in_block Error "`finally` stands in a block";
    MLP0513 finally_holds_one_call Error "`finally` does not hold one call";
    MLP0514 for_outside_pipeline Error "a `for` with a block stands outside a pipeline";
    MLP0515 label_at_inference Error "data with a label is given to inference";
    MLP0601 unbound_need Error "an environment does not bind what is used there";
    MLP0602 wrong_binding Error "a need is bound as another kind of thing";
    MLP0603 unused_binding Warning "an environment binds what nothing uses";
    MLP0604 extends_concrete Error "an environment extends one that is not abstract";
    MLP0605 missing_identity Error "an environment does not say as whom its steps run";
    MLP0606 mirror_differs Error "an environment differs from the one that it mirrors";
    MLP0607 beyond_limits Error "steps ask for more than an environment allows";
    MLP0608 no_accelerator Error "a step wants an accelerator that an environment does not have";
    MLP0609 limit_cannot_be_shown Error "that a limit is kept cannot be shown";
    MLP0610 wrong_need_type Error "a need is of a type that cannot be supplied";
    MLP0611 not_data Error "something speaks of data that is none";
    MLP0612 only_asserts Error "something else than an assertion stands here";
    MLP0613 missing_image Error "a step that runs in a container has no image";
    MLP0614 beyond_deadline Error "steps may take longer than a whole run";
    MLP0615 lone_operation Error "one of the commands that belong together is missing";
    MLP0616 variable_taken Error "a secret is given under a name that means something else";
    MLP0617 regions_apart Error "data is elsewhere than the steps that read it";
    MLP0618 not_reproducible Error "a run cannot be made again where it must be possible";
    MLP0619 schedules_in_a_circle Error "pipelines start each other in a circle";
    MLP0621 request_above_limit Error "more is kept for a step than it may use";
    MLP0622 accelerator_without_count Error "an accelerator is named and none is asked for";
    MLP0623 bad_toleration Error "the parts of a toleration contradict each other";
    MLP0624 bad_quantity Error "a text is no quantity";
    MLP0625 bad_label Error "Kubernetes does not take a label or an annotation";
    MLP0626 mounted_twice Error "two volumes are seen at one path";
    MLP0627 root_and_not_root Error "a program must run as the superuser and must not";
    MLP0628 bad_container Error "a container or volume cannot be like this";
    MLP0701 secret_in_text Error "a secret stands in a text";
    MLP0702 secret_compared Error "a secret is compared";
    MLP0703 secret_out_of_reach Error "a secret is used by somebody who cannot read it";
    MLP0704 looks_like_credential Warning "a text looks like a credential";
    MLP0705 mark_denied Error "a marked column reaches an environment that denies it";
    MLP0706 marked_data_leaves Error "what is made from a marked column leaves the environment";
    MLP0801 not_a_pipeline Error "a pipeline is wanted";
    MLP0802 not_a_procedure Error "a statement of an edge is wanted";
    MLP0803 not_a_build Error "something is built that is neither image nor package";
    MLP0804 not_a_model Error "something is served that is no artifact of a pipeline";
    MLP0805 service_does_not_fit Error "a service is asked with less than its model takes";
    MLP0806 bad_edge Error "an edge leads from or to what is no environment";
    MLP0807 unreachable_environment Error "nothing leads from CI to an environment";
    MLP0808 bad_approval Error "an approval asks nobody";
    MLP0809 approval_after_deploy Error "an approval comes after the deployment";
    MLP0810 before_deploy Error "something of this version is used before it is deployed";
    MLP0811 not_promoted Error "a pipeline runs on an edge of a promotion that does not move it";
    MLP0812 gate_without_measure Error "a gate speaks of nothing that is measured";
    MLP0813 not_measured Error "a gate speaks of what was not measured on the way";
    MLP0814 unknown_measure Error "a gate speaks of what nothing gives";
    MLP0815 measured_only_at_gate Error "a measurement is used where there is none";
    MLP0816 weights_fall Error "the weights of a canary do not rise to 100%";
    MLP0817 rollout_without_rollback Error "a rollout has no way back";
    MLP0818 release_without_run Error "a service is released whose model has not been made";
    MLP0819 policy_broken Error "a policy does not hold";
    MLP0820 empty_test Warning "a test expects nothing";
    MLP0825 checks_nothing Warning "a check or verification cannot fail";
    MLP0826 ungated_production Warning "nothing stands between a change and production";
    MLP0901 terraform_reserved_name Error "Terraform can have no variable with this name";
    MLP0902 terraform_cannot_say Error "Terraform cannot check this";
    MLP0903 kubeflow_cannot Error "Kubeflow cannot do this";
    MLP0904 kubeflow_version Error "the version of Kubeflow that is asked for cannot do this";
    MLP0905 kubeflow_name_clash Error "two names become one on Kubeflow";
    MLP0906 kubeflow_unchecked Warning "nothing checks a parameter on Kubeflow";
    MLP0909 kubeflow_writes_number Warning "Kubeflow writes a number into a text";
    MLP0910 host_cannot Error "a host of CI cannot do what the delivery asks";
    MLP0911 host_plan_limit Error "a host of CI does it only under another plan than the one that is paid for";
    MLP0912 unknown_action Error "a pin is of an action that no generated workflow uses";
    MLP0913 bad_raw_key Error "a host's own key cannot be added to a job";
    MLP0920 unknown_target Error "there is no such target";
    MLP0930 airflow_unknown_version Error "no files can be written for this version of Airflow";
    MLP0931 airflow_cannot Error "Airflow cannot do this";
    MLP0932 airflow_stops_schedule Warning "Airflow stops a schedule instead of rolling back";
    MLP0940 prometheus_cannot Error "Prometheus cannot watch this";
    MLP1001 missing_main Error "there is no project here";
    MLP1002 unreadable Error "a file cannot be read";
    MLP1003 unwritable Error "a file cannot be written";
    MLP1004 foreign_file Error "a file is in the way that `mlp` did not write";
    MLP1005 edited_file Error "a generated file was edited";
    MLP1006 refused_path Error "a generated file would leave its folder or go through a link";
    MLP1007 broken_lock Error "the list of generated files cannot be read";
    MLP1008 out_of_date Error "a generated file is not what the sources make";
    MLP1009 bad_images Error "the file of image digests is not one";
    MLP1010 unpinned_image Error "an image has no digest";
    MLP1011 misplaced_project Error "a project lies elsewhere in its repository";
    MLP1101 no_compiled_pipeline Error "a file is no compiled pipeline";
    MLP1102 broken_specification Error "a compiled pipeline has what no specification has";
    MLP1103 cannot_import Error "the language cannot say something of a compiled pipeline";
    MLP1104 import_differs Error "what was imported would mean something else";
    MLP1105 not_carried Warning "something of a file is not carried over";
}

/// The code of a diagnostic: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// Every code, in the order of the table.
    pub fn all() -> impl Iterator<Item = Code> {
        (0..ROWS.len() as u16).map(Code)
    }

    /// The code of that number (`MLP0203`, in any case) or slug.
    pub fn find(text: &str) -> Option<Code> {
        Code::all().find(|code| code.number().eq_ignore_ascii_case(text) || code.slug() == text)
    }

    /// `MLP0203`
    pub fn number(self) -> &'static str {
        self.row().number
    }

    /// `unknown_name`
    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.row().severity
    }

    /// One line on what it means.
    pub fn summary(self) -> &'static str {
        self.row().summary
    }

    /// Its page, as Markdown.
    pub fn page(self) -> &'static str {
        self.row().page
    }

    fn row(self) -> &'static Row {
        &ROWS[self.0 as usize]
    }
}
