"""Functions that a condition of the settings may call: those that look at the values of a row, and at nothing else."""

from __future__ import annotations

# In the words of the engines; the parser's own names for them stand beside these. Case and underscores are no matter.
_LOGIC = """
and or xor if case iff ifnull nvl nvl2 coalesce nullif isnull greatest least between columns exists try cast try_cast
safe_cast cast_to_str_type convert typeof decode_case equal_null is_null_value zeroifnull to_boolean to_number to_char
to_double number_to_str collate all num_nulls num_nonnulls
"""
_NUMBERS = """
abs acos acosh asin asinh atan atan2 atanh bit_count bitwise_count bitwise_xor cbrt ceil ceiling cos cosh cot degrees
div divide even exp factorial fdiv floor fmod gamma gcd greatest_common_divisor is_finite is_inf is_infinite is_nan lcm
least_common_multiple lgamma ln log log2 log10 log1p mod multiply nanvl nextafter pi pmod pow power radians rand random
rint round round_even roundbankers safe_add safe_divide safe_multiply safe_negate safe_subtract sign signbit sin sinh
sqrt subtract add tan tanh trunc truncate width_bucket jarowinkler_similarity cosine_distance euclidean_distance
manhattan_distance dot_product getbit negative positive scale bar equi_width_bins
"""
_TEXT = """
array_to_string_comma_default ascii bit_length btrim byte_length char char_length character_length charindex chr concat
concat_ws contains contains_string damerau_levenshtein edit_distance editdist3 elt ends_with endswith find_in_set
format format_bytes from_base64 hamming hash hex initcap instr is_ascii jaccard jaro_similarity jaro_winkler_similarity
lcase left left_grapheme len length length_grapheme levenshtein like like_escape ilike lower lower_hex lpad ltrim md5
md5_number md5_number_lower md5_number_upper mismatches nfc_normalize regexp_match
normalize not_like_escape octet_length ord overlay pad parse_url position prefix printf quote
regexp regexp_contains regexp_count regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_ilike
regexp_instr regexp_like regexp_matches regexp_replace regexp_split regexp_split_to_array regexp_substr repeat replace
reverse right right_grapheme rlike rpad rtrim rtrimmed_length sha sha1 sha2 sha256 soundex space split split_part
starts_with startswith stuff string_split str_position str_split str_to_map string string_split_regex string_to_array
strip_accents strlen strpos strtok substr substring substring_grapheme substring_index suffix to_base64 to_binary
base64_encode base64_decode_string encode decode translate trim ucase unhex unicode upper url_decode url_encode
"""
_TIMES = """
add_months age century clock_timestamp statement_timestamp transaction_timestamp
convert_timezone current_date current_datetime current_localtime current_localtimestamp
current_time current_timestamp current_timestamp_ltz date date_add date_bin date_diff date_format date_from_parts
date_from_unix_date date_part date_str_to_date date_sub date_to_date_str date_to_di date_trunc datediff datepart datesub
datetime datetime_add datetime_diff datetime_sub datetime_trunc datetrunc day dayname dayofmonth dayofweek
dayofweek_iso dayofyear day_of_month day_of_week day_of_week_iso day_of_year days_in_month decade di_to_date epoch
epoch_ms epoch_ns epoch_us era extract from_unixtime get_current_time get_current_timestamp getdate hour isodow isoyear
julian julianday justify_days justify_hours justify_interval last_day localtime localtimestamp make_date make_interval
make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium millisecond minute
month monthname months_between nanosecond next_day normalized_interval now parse_date parse_datetime parse_time
parse_timestamp previous_day quarter second str_to_date str_to_time str_to_unix strftime strptime time time_add
time_bucket time_diff time_from_parts time_slice time_str_to_date time_str_to_time time_str_to_unix time_sub
time_to_str time_to_time_str time_to_unix time_trunc timestamp timestamp_add timestamp_diff timestamp_from_parts
timestamp_ltz_from_parts timestamp_sub timestamp_trunc timestamp_tz_from_parts timezone timezone_hour timezone_minute
to_centuries to_date to_days to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months
to_quarters to_seconds to_timestamp to_weeks to_years today try_strptime ts_or_di_to_di ts_or_ds_add ts_or_ds_diff
ts_or_ds_to_date ts_or_ds_to_date_str ts_or_ds_to_datetime ts_or_ds_to_time ts_or_ds_to_timestamp unix_date
unix_micros unix_millis unix_seconds unix_timestamp unix_to_str unix_to_time unix_to_time_str unixepoch utc_date
utc_time utc_timestamp week week_of_year weekday weekofyear year year_of_week year_of_week_iso yearweek
"""
_LISTS = """
aggregate array array_aggr array_aggregate array_all array_any array_append array_apply array_compact array_concat
array_contained_by array_contains array_contains_all array_cosine_distance array_cosine_similarity
array_cross_product array_distance array_distinct array_dot_product array_except array_extract array_filter array_first
array_has array_has_all array_has_any array_indexof array_inner_product array_insert array_intersect array_last
array_length array_max array_min array_overlaps array_pop_back array_pop_front array_position array_prepend
array_push_back array_push_front array_reduce array_remove array_remove_at array_resize array_reverse
array_reverse_sort array_select array_size array_slice array_sort array_sum array_to_string array_transform
array_unique array_value array_where array_zip arrays_zip cardinality element_at filter flatten forall list list_aggr
list_aggregate list_any_value list_apply list_avg list_bool_and list_bool_or list_cat list_concat list_contains
list_cosine_distance list_cosine_similarity list_count list_distance list_distinct list_dot_product list_element
list_extract list_filter list_first list_has list_has_all list_has_any list_indexof list_inner_product list_intersect
list_last list_max list_median list_min list_mode list_pack list_position list_product list_reduce list_resize
list_reverse list_reverse_sort list_select list_slice list_sort list_stddev_pop list_stddev_samp list_string_agg
list_sum list_transform list_unique list_value list_var_pop list_var_samp list_where list_zip map map_cat map_concat
map_contains map_contains_entry map_contains_key map_contains_value map_entries map_extract map_extract_value
map_from_entries map_keys map_size map_values reduce row size struct struct_concat struct_contains struct_extract
struct_extract_at struct_has struct_insert struct_keys struct_pack struct_position struct_update struct_values
to_array to_map transform union_extract union_tag union_value var_map
"""
_JSON = """
from_json is_array json json_array json_array_contains json_array_length json_bool json_cast json_contains
json_exists json_extract json_extract_array json_extract_path json_extract_path_text json_extract_scalar
json_extract_string json_format json_keys json_object json_pretty json_quote json_strip_nulls json_structure json_type
json_valid json_value jsonb_contains jsonb_contains_all_top_keys jsonb_contains_any_top_keys jsonb_contains_top_key
jsonb_exists jsonb_extract jsonb_extract_scalar jsonb_path_exists lax_bool lax_float64 lax_int64 lax_string bool
float64 int64 jsonb_typeof parse_json row_to_json to_json get_json_object
"""
_KEYS = "enum_code hash uuid_extract_timestamp uuid_extract_version uuid gen_random_uuid st_distance st_point"


def plain_name(name: str) -> str:
    """Return the name of a function as the list has it."""
    return name.casefold().replace("_", "")


# As they are written, by their plain name.
ALLOWED = {
    plain_name(name): name
    for group in (_LOGIC, _NUMBERS, _TEXT, _TIMES, _LISTS, _JSON, _KEYS)
    for name in group.split()
}
